/** Lines into the engine's log, attached to a resource. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** `status` lines are shown while the work is under way and not kept, like those of the official plugins. */
export type Log = (urn: string, message: string, kind: "status" | "warning") => Promise<void>;

/** The engine's log when an address was given (the engine gives one), else nowhere. A lost line is no error. */
export function engineLog(address: string | undefined): Log {
  if (address === undefined) return async () => {};
  const engine = new EngineClient(address, grpc.credentials.createInsecure());
  return (urn, message, kind) => {
    const request = new LogRequest();
    request.setUrn(urn);
    request.setMessage(message);
    request.setSeverity(kind === "warning" ? LogSeverity.WARNING : LogSeverity.INFO);
    request.setEphemeral(kind === "status");
    return new Promise((done) => engine.log(request, () => done()));
  };
}
