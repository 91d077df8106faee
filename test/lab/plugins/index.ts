import { join } from "node:path";

/** A folder of executables: put it on PATH, and the engine takes them for the official plugins. */
export const pluginFolder = join(__dirname, "bin");
