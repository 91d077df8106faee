/** What `pulumi preview` is going to do, told from its events: steps of hosts with the files that differ, and other resources. */
import type { StepName } from "../../hosts/document";
import type { EngineEvent, StepMetadata } from "../up/events";
import { stepOf } from "../up/progress";

export interface PlannedStep {
  readonly host: string;
  readonly step: StepName;
  /** create, update or delete. */
  readonly op: string;
  /** Paths of the files that differ; undefined where the text is known only when the run is there. */
  readonly files?: readonly string[];
}

export interface Planned {
  readonly steps: readonly PlannedStep[];
  /** `update DaemonSet kube-flannel-ds` */
  readonly resources: readonly string[];
}

const QUIET = new Set(["same", "read", "refresh"]);

export class Preview {
  private readonly steps: PlannedStep[] = [];
  private readonly resources: string[] = [];

  take({ resourcePreEvent }: EngineEvent): void {
    const metadata = resourcePreEvent?.metadata;
    if (metadata === undefined || QUIET.has(metadata.op)) return;
    const found = stepOf(metadata.urn);
    const name = metadata.urn.split("::").at(-1) ?? "";
    if (found !== undefined) this.steps.push({ ...found, op: metadata.op, ...filesOf(metadata) });
    else if (!/^(pulumi|dualstack:index:(?!Verification))/.test(metadata.type)) {
      this.resources.push(`${metadata.op} ${metadata.type.split(":").at(-1)} ${name}`);
    }
  }

  planned(): Planned {
    return { steps: this.steps, resources: this.resources };
  }
}

function filesOf({ old, new: now }: StepMetadata): { files?: string[] } {
  const [before, after] = [documentOf(old), documentOf(now)];
  if (before === undefined || after === undefined) return {};
  const paths = new Set([...before.keys(), ...after.keys()]);
  return { files: [...paths].filter((path) => before.get(path) !== after.get(path)).sort() };
}

/** How the engine writes a text that it does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The files of a step by their paths; none of a step that is not there; undefined when its document is not known yet. */
function documentOf(state: StepMetadata["old"]): Map<string, string> | undefined {
  const files = new Map<string, string>();
  if (!state) return files;
  const text = state.inputs?.stdin;
  if (typeof text !== "string" || text === UNKNOWN) return undefined;
  let path = "";
  for (const line of text.split("\n")) {
    const [, named] = /^file (\S+) /.exec(line) ?? [];
    if (named !== undefined) path = named;
    if (path !== "") files.set(path, `${files.get(path) ?? ""}${line}\n`);
  }
  return files;
}
