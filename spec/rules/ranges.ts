/** Sizes and masks of ranges, as kubeadm checks them (cmd/kubeadm/app/apis/kubeadm/validation/validation.go), and a little more. */
import { bitsOf, type Cidr } from "../addresses";
import { nodeMask } from "../derive";
import { type Context, type Placed, podPlaces, servicePlaces } from "./context";

/** kubeadm constants: MinimumAddressesInServiceSubnet, MinimumAddressesInPodSubnet. */
const FEWEST_SERVICES = 10n;
const FEWEST_PODS = 14n;
/** kubeadm constants: MaximumBitsForServiceSubnet. */
const MOST_SERVICE_BITS = 20;
/** The service address allocator uses no more than the first 2^16 addresses of an IPv6 range. */
const USED_SERVICE_BITS = 16;
/** kubeadm constants: PodSubnetNodeMaskMaxDiff. */
const MOST_NODE_BITS = 16;
/** kubelet's default of maxPods; a node's range holds its own gateway besides. */
const PODS_OF_A_NODE = 110n;

export function serviceSizes(context: Context): void {
  for (const { path, value: range } of servicePlaces(context)) {
    const widest = bitsOf(range.family) - MOST_SERVICE_BITS;
    const used = bitsOf(range.family) - USED_SERVICE_BITS;
    const { source } = context;
    if (range.capacity < FEWEST_SERVICES) {
      const narrowest = bitsOf(range.family) - 4;
      source.error(
        path,
        "services-small",
        `kubeadm wants at least ${FEWEST_SERVICES} addresses; use /${narrowest} or a shorter prefix`,
      );
    } else if (range.prefix < widest) {
      const message = `kubeadm takes service ranges of /${widest} or a longer prefix; did you mean ${range.network}/${used}?`;
      source.error(path, "services-large", message);
    } else if (range.family === "ipv6" && range.prefix < used) {
      source.warning(
        path,
        "services-clamped",
        `only the first 65536 addresses are used; ${range.network}/${used} says the same`,
      );
    }
  }
}

export function podSizes(context: Context): void {
  for (const pod of podPlaces(context)) {
    if (pod.value.capacity < FEWEST_PODS) {
      const narrowest = bitsOf(pod.value.family) - 4;
      const message = `kubeadm wants at least ${FEWEST_PODS} addresses; use /${narrowest} or a shorter prefix`;
      context.source.error(pod.path, "pods-small", message);
    } else {
      checkNodeMask(context, pod);
    }
  }
}

function checkNodeMask(context: Context, { path, value: range }: Placed<Cidr>): void {
  const maskPath = ["network", "pods", "nodeMask", range.family];
  if (context.source.has(maskPath) && context.draft.network?.pods?.nodeMask?.[range.family] === undefined) return;
  const mask = nodeMask(context.draft, range.family);
  const at = context.source.has(maskPath) ? maskPath : path;
  const { source } = context;
  if (mask < range.prefix) {
    const message = `each node gets a /${mask} (network.pods.nodeMask.${range.family}), which is more than the whole ${range}`;
    source.error(at, "node-mask-short", `${message}; use a node mask from ${range.prefix + 1}, or a larger range`);
  } else if (mask - range.prefix > MOST_NODE_BITS) {
    const message = `the node mask /${mask} may be at most ${MOST_NODE_BITS} longer than the prefix of ${range}`;
    source.error(
      at,
      "node-mask-long",
      `${message}; use a node mask up to ${range.prefix + MOST_NODE_BITS}, or a /${mask - MOST_NODE_BITS}`,
    );
  } else {
    checkNodes(context, at, range, mask);
  }
}

function checkNodes({ source, draft }: Context, at: Placed<Cidr>["path"], range: Cidr, mask: number): void {
  const hosts = BigInt(draft.hosts?.length ?? 0);
  const nodes = range.subnets(mask);
  const pods = 1n << BigInt(bitsOf(range.family) - mask);
  if (hosts > nodes) {
    const message = `${range} divides into ${nodes} x /${mask}, one for each node, and there are ${hosts} hosts`;
    source.error(at, "pods-nodes", `${message}; use a larger range or a longer node mask`);
  }
  if (pods < PODS_OF_A_NODE + 2n) {
    const message = `a node's /${mask} holds ${pods} addresses, and kubelet starts up to ${PODS_OF_A_NODE} pods`;
    source.warning(at, "node-range-small", `${message}; use a shorter node mask`);
  }
}
