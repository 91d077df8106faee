/** Between the protobuf messages of the provider protocol and plain objects. */
import * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Difference, type Failure, NotReady } from "./plugin";
import { isProps, type Props } from "./wire";

export const fromStruct = (struct: Struct | undefined): Props => struct?.toJavaScript() ?? {};

export const toStruct = (props: Props): Struct =>
  Struct.fromJavaScript(defined(props) as Record<string, JavaScriptValue>);

/** Drops what is undefined: the wire has no word for it. */
function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => defined(inner) ?? null);
  if (!isProps(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, defined(inner)]));
}

export const toFailures = (failures: Failure[]): proto.CheckFailure[] =>
  failures.map(({ property, reason }) => new proto.CheckFailure().setProperty(property).setReason(reason));

const kinds = {
  add: [proto.PropertyDiff.Kind.ADD, proto.PropertyDiff.Kind.ADD_REPLACE],
  delete: [proto.PropertyDiff.Kind.DELETE, proto.PropertyDiff.Kind.DELETE_REPLACE],
  update: [proto.PropertyDiff.Kind.UPDATE, proto.PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

export function toDiffResponse({ changes, replaces, deleteBeforeReplace }: Difference): proto.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse();
  response
    .setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setReplacesList(replaces)
    .setHasdetaileddiff(true);
  response.setDiffsList([...new Set(changes.map(({ path }) => path.split(/[.[]/)[0]!))]);
  response.setDeletebeforereplace(deleteBeforeReplace ?? false);
  for (const { path, kind } of changes) {
    const detail = new proto.PropertyDiff();
    detail.setInputdiff(true).setKind(kinds[kind][replaces.includes(path) ? 1 : 0]);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

/** An error as gRPC wants it; a thing that was made but is not ready travels along as a detail. */
export function toStatus(error: unknown): grpc.ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(message);
  const metadata = new grpc.Metadata();
  if (error instanceof NotReady) {
    const detail = new proto.ErrorResourceInitFailed().setId(error.id).setReasonsList(error.reasons);
    detail.setProperties(toStruct(error.state)).setInputs(toStruct(error.inputs));
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    status.addDetails(any);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}
