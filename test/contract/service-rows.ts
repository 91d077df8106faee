/** From one Service to another on a cluster of two families: what the component does, and what the API says to the change. */
import type { ServiceRequest } from "../../addons/services/families";

export interface Row {
  readonly from: ServiceRequest;
  readonly to: ServiceRequest;
  /** What serviceChange answers. */
  readonly outcome: "same" | "in-place" | "replace";
  readonly code: string;
  /** Where it is not what the outcome says: the API takes what the provider makes anew, or takes it and changes nothing. */
  readonly api?: "takes" | "ignores";
}

const pods = { app: "web" };
const one = { selector: pods, policy: "SingleStack" } as const;
const four = { ...one, families: ["ipv4"] } as const;
const six = { ...one, families: ["ipv6"] } as const;
const both = { selector: pods } as const;
const swapped = { selector: pods, families: ["ipv6", "ipv4"] } as const;
const required = { selector: pods, policy: "RequireDualStack" } as const;
const headless = { headless: true } as const;
const name = { type: "ExternalName" } as const;

// biome-ignore format: one row a line
export const ROWS: readonly Row[] = [
  { from: four, to: both, outcome: "in-place", code: "family-added" },
  { from: four, to: required, outcome: "in-place", code: "family-added" },
  { from: four, to: swapped, outcome: "replace", code: "primary-family" },
  { from: four, to: six, outcome: "replace", code: "primary-family" },
  { from: six, to: swapped, outcome: "in-place", code: "family-added" },
  { from: six, to: four, outcome: "replace", code: "primary-family" },
  { from: both, to: both, outcome: "same", code: "same" },
  { from: both, to: four, outcome: "in-place", code: "family-removed" },
  { from: both, to: six, outcome: "replace", code: "primary-family" },
  { from: both, to: swapped, outcome: "replace", code: "primary-family" },
  { from: both, to: required, outcome: "in-place", code: "policy" },
  { from: required, to: both, outcome: "in-place", code: "policy" },
  { from: required, to: four, outcome: "in-place", code: "family-removed" },
  { from: swapped, to: six, outcome: "in-place", code: "family-removed" },
  { from: both, to: { ...both, type: "NodePort" }, outcome: "in-place", code: "type" },
  { from: { ...both, type: "NodePort" }, to: both, outcome: "in-place", code: "type" },
  { from: both, to: { ...both, type: "LoadBalancer" }, outcome: "in-place", code: "type" },
  { from: { ...four, type: "LoadBalancer" }, to: { ...both, type: "LoadBalancer" }, outcome: "in-place", code: "family-added" },
  { from: { ...both, type: "LoadBalancer" }, to: { ...four, type: "LoadBalancer" }, outcome: "in-place", code: "family-removed" },
  { from: { ...both, type: "LoadBalancer" }, to: { ...swapped, type: "LoadBalancer" }, outcome: "replace", code: "primary-family" },
  { from: { ...four, ...headless }, to: { ...both, ...headless }, outcome: "in-place", code: "headless-families" },
  { from: { ...both, ...headless }, to: { ...six, ...headless }, outcome: "in-place", code: "headless-families" },
  { from: { ...both, ...headless }, to: { ...swapped, ...headless }, outcome: "in-place", code: "headless-families" },
  { from: headless, to: { headless: true, policy: "SingleStack" }, outcome: "in-place", code: "headless-families" },
  { from: headless, to: { headless: true, policy: "RequireDualStack", families: ["ipv6", "ipv4"] }, outcome: "in-place", code: "headless-families" },
  { from: both, to: { ...both, ...headless }, outcome: "replace", code: "headless" },
  { from: { ...both, ...headless }, to: both, outcome: "replace", code: "headless", api: "ignores" },
  { from: both, to: name, outcome: "in-place", code: "external-name" },
  { from: name, to: both, outcome: "in-place", code: "external-name" },
  { from: name, to: swapped, outcome: "in-place", code: "external-name" },
  { from: name, to: { ...both, ...headless }, outcome: "replace", code: "headless", api: "takes" },
  { from: { ...both, ...headless }, to: name, outcome: "replace", code: "headless", api: "takes" },
];

/** Requests that no API server of two families takes, and ours refuse with this code. */
// biome-ignore format: one row a line
export const REFUSED: readonly (readonly [request: ServiceRequest, code: string])[] = [
  [{ policy: "SingleStack", families: ["ipv4", "ipv6"] }, "single-of-two"],
  [{ families: ["ipv4", "ipv4"] }, "family-twice"],
  [{ type: "LoadBalancer", headless: true }, "headless-type"],
  [{ type: "NodePort", headless: true }, "headless-type"],
  [{ type: "ExternalName", families: ["ipv4"] }, "external-name"],
  [{ type: "ExternalName", policy: "PreferDualStack" }, "external-name"],
];
