/** Events as the engine writes them, for tests. */
import type { EngineEvent } from "../../../cli/up/events";

const urn = (kind: string, name: string) => `urn:pulumi:prod::dualstack::dualstack:index:Cluster$${kind}::${name}`;
const COMMAND = "command:remote:Command";

export const step = (name: string, role = "Worker") => urn(`dualstack:index:${role}$${COMMAND}`, name);
export const object = (kind: string, name: string) => urn(`dualstack:index:Addons$${kind}`, name);
export const verification = urn("dualstack:index:Verification", "prod");

const typeOf = (of: string) => of.split("::")[2]!.split("$").at(-1)!;
const metadata = (op: string, of: string, rest = {}) => ({ metadata: { op, urn: of, type: typeOf(of), ...rest } });

export const pre = (op: string, of: string, rest = {}): EngineEvent => ({ resourcePreEvent: metadata(op, of, rest) });
export const out = (op: string, of: string, rest = {}): EngineEvent => ({ resOutputsEvent: metadata(op, of, rest) });
export const fail = (op: string, of: string): EngineEvent => ({ resOpFailedEvent: metadata(op, of) });
export const says = (of: string, message: string): EngineEvent => ({
  diagnosticEvent: { urn: of, message, severity: "info", ephemeral: true },
});
export const error = (message: string, of?: string): EngineEvent => ({
  diagnosticEvent: { ...(of && { urn: of }), message, severity: "error" },
});
