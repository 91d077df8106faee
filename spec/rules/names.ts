/** Rules about name servers, the cluster's domain, and the endpoint's name and port. */
import type { Address } from "../addresses";
import { endpointOf, namedEndpoint, virtualEndpoint } from "../derive";
import { type Context, endpointPlaces, gatewayPlaces, interfaceAddresses } from "./context";

/** Linux: MAXNS of resolv.conf(5); kubelet leaves out the rest. */
const MOST_SERVERS = 3;

/** The pods of the cluster's DNS have addresses of the cluster's families only, and reach only such name servers. */
export function nameServers({ source, draft, families }: Context): void {
  const servers = draft.network?.dns ?? [];
  const seen = new Set<string>();
  servers.forEach((server, i) => {
    if (server === undefined) return;
    const path = ["network", "dns", i];
    if (families !== undefined && !families.includes(server.family)) {
      const message = `the pods that ask it have no ${server.family} address; give name servers of ${families.join(" or ")}`;
      source.error(path, "dns-family", message);
    }
    if (seen.has(server.toString())) source.error(path, "dns-twice", "is listed already; take it away");
    seen.add(server.toString());
  });
  if (servers.length <= MOST_SERVERS) return;
  const message = `programs ask the first ${MOST_SERVERS} name servers only (resolv.conf(5)); list at most ${MOST_SERVERS}`;
  source.warning(["network", "dns"], "dns-many", message);
}

/** The names of the cluster's domain are known to its own DNS alone, which needs the API to start. */
export function endpointName({ source, draft }: Context): void {
  const dnsDomain = draft.network?.dnsDomain;
  const endpoint = namedEndpoint(draft);
  if (endpoint === undefined || endpoint.address !== undefined) return;
  const path = ["network", "endpoint"];
  if (endpoint.host === "localhost" || endpoint.host.endsWith(".localhost")) {
    source.error(
      path,
      "endpoint-localhost",
      "means another machine on every machine (RFC 6761); give a name that all hosts know",
    );
  } else if (dnsDomain !== undefined && (endpoint.host === dnsDomain || endpoint.host.endsWith(`.${dnsDomain}`))) {
    const message = `lies in ${dnsDomain} (network.dnsDomain), whose names only pods can look up; give a name of your own DNS`;
    source.error(path, "endpoint-in-cluster", message);
  }
}

/** Ports that something else has on a control plane (kubernetes.io/docs/reference/networking/ports-and-protocols). */
const TAKEN: Readonly<Record<number, string>> = {
  22: "sshd",
  53: "DNS",
  2379: "etcd",
  2380: "etcd",
  2381: "etcd",
  10248: "kubelet",
  10249: "kube-proxy",
  10250: "kubelet",
  10256: "kube-proxy",
  10257: "kube-controller-manager",
  10259: "kube-scheduler",
};
/** kube-apiserver's default of --service-node-port-range. */
const NODE_PORTS = [30000, 32767] as const;

/** The API listens on the endpoint's port on every control plane. */
export function endpointPort({ source, draft }: Context): void {
  const port = endpointOf(draft)?.port;
  if (port === undefined) return;
  const path = ["network", "endpoint", ...(virtualEndpoint(draft) === undefined ? [] : ["port"])];
  const owner = TAKEN[port];
  if (owner !== undefined) {
    source.error(path, "endpoint-port-taken", `${owner} has port ${port} on a control plane; use 6443`);
  } else if (port >= NODE_PORTS[0] && port <= NODE_PORTS[1]) {
    const message = `ports ${NODE_PORTS.join(" to ")} are given to node ports; use 6443`;
    source.error(path, "endpoint-port-taken", message);
  }
}

/** The endpoint's addresses are free for it: no router, name server or outside host has one, and no host a virtual one. */
export function endpointAlone(context: Context): void {
  const { draft } = context;
  const isVirtual = virtualEndpoint(draft) !== undefined;
  const { dns = [] } = draft.network ?? {};
  const outside = draft.verification?.outside;
  for (const { path, value: address } of endpointPlaces(context)) {
    const is = (other: Address | undefined) => other?.equals(address) === true;
    const owner = gatewayPlaces(context).some(({ value }) => is(value))
      ? "a gateway"
      : dns.some(is)
        ? "a name server"
        : [outside?.ipv4, outside?.ipv6].some(is)
          ? "the outside host"
          : isVirtual && interfaceAddresses(context).some(({ value }) => is(value.address))
            ? "a host"
            : undefined;
    if (owner === undefined) continue;
    context.source.error(path, "endpoint-taken", `is the address of ${owner}; give one that is free`);
  }
}

/** More names for the certificate, each once; the endpoint is among them anyway. */
export function certificateNames({ source, draft }: Context): void {
  const seen = new Set([endpointOf(draft)?.host]);
  (draft.network?.certificateNames ?? []).forEach((name, i) => {
    if (name === undefined) return;
    const path = ["network", "certificateNames", i];
    if (seen.has(name)) source.warning(path, "certificate-name-twice", "the certificate has it already; take it away");
    seen.add(name);
  });
}
