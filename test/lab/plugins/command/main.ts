import { engineLog } from "../engine/log";
import { serve } from "../engine/serve";
import { CommandPlugin } from "./provider";

void serve(new CommandPlugin(engineLog(process.argv[2])));
