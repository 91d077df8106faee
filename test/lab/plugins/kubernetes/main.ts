import { engineLog } from "../engine/log";
import { serve } from "../engine/serve";
import { KubernetesPlugin } from "./provider";

void serve(new KubernetesPlugin(engineLog(process.argv[2])));
