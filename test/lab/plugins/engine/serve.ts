/** Serves a {@link Plugin} to the Pulumi engine: the wire on one side, plain objects on the other. */
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { fromStruct, toDiffResponse, toFailures, toStatus, toStruct } from "./convert";
import type { Limits, Plugin, Stored, Subject } from "./plugin";

type Handler = (request: never) => Promise<unknown>;

const subject = (request: { getUrn(): string; getType(): string; getName(): string }): Subject => ({
  urn: request.getUrn(),
  type: request.getType(),
  name: request.getName(),
});

const previous = (request: proto.DiffRequest | proto.UpdateRequest): Stored => ({
  ...subject(request),
  id: request.getId(),
  inputs: fromStruct(request.getOldInputs()),
  state: fromStruct(request.getOlds()),
});

/** One handler per request of the protocol that a custom resource needs. */
function handlers(plugin: Plugin, cancel: AbortController): Record<string, Handler> {
  const limits = (timeout: number): Limits => ({ timeout, cancelled: cancel.signal });
  return {
    handshake: async () => {
      const response = new proto.ProviderHandshakeResponse();
      return response.setAcceptSecrets(true).setAcceptResources(true).setAcceptOutputs(true);
    },
    getPluginInfo: async () => new PluginInfo().setVersion(plugin.version),
    getSchema: async () => new proto.GetSchemaResponse().setSchema("{}"),
    checkConfig: async (request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews()),
    diffConfig: async (request: proto.DiffRequest) =>
      toDiffResponse(plugin.diffConfig(fromStruct(request.getOldInputs()), fromStruct(request.getNews()))),
    configure: async (request: proto.ConfigureRequest) => {
      plugin.configure(fromStruct(request.getArgs()));
      const response = new proto.ConfigureResponse();
      return response.setAcceptsecrets(true).setAcceptresources(true).setAcceptoutputs(true).setSupportspreview(true);
    },
    check: async (request: proto.CheckRequest) => {
      const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
      const checked = plugin.check(subject(request), olds, news, request.getRandomseed_asU8());
      return new proto.CheckResponse()
        .setInputs(toStruct(checked.inputs))
        .setFailuresList(toFailures(checked.failures));
    },
    diff: async (request: proto.DiffRequest) =>
      toDiffResponse(plugin.diff(previous(request), fromStruct(request.getNews()))),
    create: async (request: proto.CreateRequest) => {
      const inputs = fromStruct(request.getProperties());
      const made = await plugin.create(subject(request), inputs, request.getPreview(), limits(request.getTimeout()));
      return new proto.CreateResponse().setId(made.id).setProperties(toStruct(made.state));
    },
    read: async (request: proto.ReadRequest) => {
      const [inputs, state] = [fromStruct(request.getInputs()), fromStruct(request.getProperties())];
      const found = await plugin.read({ ...subject(request), id: request.getId(), inputs, state });
      const response = new proto.ReadResponse();
      if (found === undefined) return response;
      return response.setId(request.getId()).setProperties(toStruct(found.state)).setInputs(toStruct(found.inputs));
    },
    update: async (request: proto.UpdateRequest) => {
      const news = fromStruct(request.getNews());
      const state = await plugin.update(previous(request), news, request.getPreview(), limits(request.getTimeout()));
      return new proto.UpdateResponse().setProperties(toStruct(state));
    },
    delete: async (request: proto.DeleteRequest) => {
      const [inputs, state] = [fromStruct(request.getOldInputs()), fromStruct(request.getProperties())];
      await plugin.delete({ ...subject(request), id: request.getId(), inputs, state }, limits(request.getTimeout()));
      return new Empty();
    },
    cancel: async () => {
      cancel.abort(new Error("cancelled"));
      return new Empty();
    },
  };
}

const unary =
  (handler: Handler): grpc.handleUnaryCall<never, unknown> =>
  (call, answer) => {
    handler(call.request).then(
      (response) => answer(null, response),
      (error: unknown) => answer(toStatus(error)),
    );
  };

/** Serves until the engine goes away; an engine that was killed cannot say so, hence the look at the parent process. */
export async function serve(plugin: Plugin): Promise<void> {
  const size = 400 << 20;
  const server = new grpc.Server({ "grpc.max_receive_message_length": size, "grpc.max_send_message_length": size });
  const all = Object.entries(handlers(plugin, new AbortController())).map(([name, handler]) => [name, unary(handler)]);
  server.addService(ResourceProviderService, Object.fromEntries(all) as grpc.UntypedServiceImplementation);
  const port = await new Promise<number>((done, fail) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? done(bound) : fail(error)));
  });
  process.on("SIGINT", () => process.exit(0));
  const engine = process.ppid;
  setInterval(() => process.ppid === engine || process.exit(1), 1000).unref();
  console.log(`${port}`);
}
