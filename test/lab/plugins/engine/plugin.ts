/** What a provider plugin answers to the engine, free of protobuf. Properties keep their secret marks both ways. */
import type { Change } from "./diff";
import type { Props } from "./wire";

/** One input that is wrong, and why. */
export interface Failure {
  property: string;
  reason: string;
}

export interface Checked {
  inputs: Props;
  failures: Failure[];
}

/** The outcome of a comparison: what changed by property path, and which of it needs a new resource. */
export interface Difference {
  changes: Change[];
  replaces: string[];
  deleteBeforeReplace?: boolean;
}

/** The resource a request is about. */
export interface Subject {
  urn: string;
  type: string;
  name: string;
}

export interface Stored extends Subject {
  id: string;
  inputs: Props;
  state: Props;
}

/** How long a request may take; both end it early. */
export interface Limits {
  /** Seconds from customTimeouts; 0 when none was given. */
  timeout: number;
  /** Fires when the engine cancels. */
  cancelled: AbortSignal;
}

export interface Plugin {
  version: string;
  diffConfig(olds: Props, news: Props): Difference;
  configure(args: Props): void;
  check(subject: Subject, olds: Props, news: Props, seed: Uint8Array): Checked;
  diff(stored: Stored, news: Props): Difference;
  create(subject: Subject, inputs: Props, preview: boolean, limits: Limits): Promise<{ id: string; state: Props }>;
  /** Undefined when the thing is gone. */
  read(stored: Stored): Promise<{ inputs: Props; state: Props } | undefined>;
  update(stored: Stored, news: Props, preview: boolean, limits: Limits): Promise<Props>;
  delete(stored: Stored, limits: Limits): Promise<void>;
}

/** The thing was made, but is not well: the engine records it, and says why. */
export class NotReady extends Error {
  constructor(
    readonly id: string,
    readonly inputs: Props,
    readonly state: Props,
    readonly reasons: string[],
  ) {
    super(reasons.join("\n"));
  }
}
