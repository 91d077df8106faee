/** The engine's events, as `pulumi --event-log` writes them (sdk/go/common/apitype/events.go): what is used of them, and how they are read. */
import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

export interface ResourceState {
  readonly inputs?: { readonly [name: string]: unknown };
  readonly outputs?: { readonly [name: string]: unknown };
}

export interface StepMetadata {
  /** create, update, delete, same, read, replace, ... */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old?: ResourceState | null;
  readonly new?: ResourceState | null;
}

export interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly message: string;
    readonly severity: string;
    readonly ephemeral?: boolean;
  };
  readonly summaryEvent?: { readonly resourceChanges?: { readonly [op: string]: number } };
}

/** How often the log is looked at, in milliseconds. */
const PERIOD = 100;

/** Reads the events of a log while it grows; `stop` reads the rest. The program's own debug lines, most of the log, are passed over. */
export class EventLog {
  private readonly file: number;
  private readonly timer: NodeJS.Timeout;
  private readonly decoder = new StringDecoder("utf8");
  private readonly buffer = Buffer.alloc(1 << 20);
  private rest = "";

  constructor(
    path: string,
    private readonly take: (event: EngineEvent) => void,
  ) {
    this.file = openSync(path, "r");
    this.timer = setInterval(() => this.read(), PERIOD);
  }

  stop(): void {
    clearInterval(this.timer);
    this.read();
    closeSync(this.file);
  }

  private read(): void {
    for (;;) {
      const bytes = readSync(this.file, this.buffer, 0, this.buffer.length, null);
      if (bytes === 0) return;
      const lines = (this.rest + this.decoder.write(this.buffer.subarray(0, bytes))).split("\n");
      this.rest = lines.pop()!;
      for (const line of lines) if (line !== "" && !line.includes('"severity":"debug"')) this.take(JSON.parse(line));
    }
  }
}
