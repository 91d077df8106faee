/** What of a lab is there, and which other labs the daemon has; nothing is changed. */
import { FAMILIES, inOrder } from "../spec";
import { nodesOf } from "../spec/nodes";
import { findDocker } from "./docker";
import { containerOf, homeOf, networkOf, readLabSpec } from "./home";
import { type State, stateOf } from "./hosts";
import { machinesOf } from "./machines";
import { thingsOf } from "./owner";
import { CHECKOUT } from "./paths";

export interface LabStatus {
  readonly docker: { readonly host: string | undefined; readonly own: boolean } | undefined;
  /** The name of the spec. */
  readonly name: string;
  /** The machines of the spec; empty when its lab was never made or is taken away. */
  readonly hosts: readonly {
    readonly name: string;
    readonly container: string;
    readonly role: string;
    readonly state: State;
    /** Those that it will have once the cluster is up, IPv4 first. */
    readonly addresses: readonly string[];
  }[];
  /** Further labs on this daemon, of this checkout or another. */
  readonly others: readonly { readonly name: string; readonly checkout: string }[];
}

/** Looks at the lab of the spec `file`. Throws SpecError or Error where that is no spec of a lab. */
export async function labStatus(file: string): Promise<LabStatus> {
  const { home, spec } = readLabSpec(file);
  const docker = await findDocker();
  const networks = docker ? await thingsOf(docker, "network") : [];
  const marks = docker ? await thingsOf(docker, "volume") : [];
  const isThis = ({ lab, checkout }: { lab: string; checkout: string }) => lab === home.name && checkout === CHECKOUT;
  const machines = spec.kind === undefined ? machinesOf(spec) : nodesOf(spec);
  const there = [...networks, ...marks].some(isThis) ? machines : [];
  const hosts = there.map(async ({ name, role, addresses }) => {
    const container = spec.kind === undefined ? containerOf(home, name) : name;
    const state = docker ? await stateOf(docker, container) : ("missing" as const);
    return { name, role, container, state, addresses: inOrder(FAMILIES, addresses).map(String) };
  });
  return {
    docker: docker && { host: docker.host, own: docker.own },
    name: home.name,
    hosts: await Promise.all(hosts),
    others: networks
      .filter(({ name, lab }) => name === networkOf(homeOf(lab), "eth0").name && lab !== home.name)
      .map(({ lab, checkout }) => ({ name: lab, checkout })),
  };
}
