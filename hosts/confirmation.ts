/** What is sent to a host about a network that it has changed and that is not confirmed yet (hosts/scripts/window.sh). */
import { createHash } from "node:crypto";
import type { Family } from "../spec/families";
import { print, printDocument, type Step } from "./document";

/** What a host calls a document: its SHA-256, hexadecimal. */
export function documentDigest(step: Step): string {
  return createHash("sha256").update(printDocument(step)).digest("hex");
}

/** Standard input of `confirm`; `untried` are the families that our own machine has no way to. */
export function confirmation(network: Step, untried: readonly Family[]): string {
  const checks = network.values.filter(([name]) => name === "address" || name === "gateway");
  const values = [...about(network), ...checks, ...untried.map((family) => ["untried", family] as const)];
  return print({ name: "network", files: [], values });
}

/** Standard input of `back`, with the reason for people. */
export function refusal(network: Step, reason: string): string {
  return print({
    name: "network",
    files: [],
    values: [...about(network), ["reason", reason.replaceAll(/\s+/g, " ")]],
  });
}

/** A later step that counts on the network of the document: it refuses a host that went back. */
export function after(network: Step, step: Step): Step {
  return { ...step, values: [...step.values, ["network", documentDigest(network)]] };
}

const about = (network: Step) => [["document", documentDigest(network)] as const];
