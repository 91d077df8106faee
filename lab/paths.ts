/** Where the lab keeps things: the checkout, its git-ignored folder `.lab`, and the cache that outlives every lab. */
import { homedir } from "node:os";
import { join } from "node:path";

/** The checkout: the folder with `Pulumi.yaml`. */
export const CHECKOUT = join(__dirname, "..");

/** A folder for every lab of this checkout, by its name. */
export const LABS_FOLDER = join(CHECKOUT, ".lab");

/** Programs and images by version; shared by all checkouts, kept by `lab down`. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "dualstack");
