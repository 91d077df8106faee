/** The language of a spec: what other rooms need of it. */
export { Address, AddressError, bitsOf, Cidr, hostPort, InterfaceAddress } from "./addresses";
export { type Refusal, refusedChanges, renderRefusals } from "./changes";
export * from "./families";
export { type Loaded, loadSpec, loadUntrusted, parseSpec, readSpecText, UNPINNED, withMirror } from "./load";
export { nameOf } from "./node-name";
export { type Place, type Problem, renderProblems, SpecError } from "./problems";
export { SPEC } from "./schema";
export type * from "./types";
export {
  containerdConfigVersion,
  needsDualStackGate,
  parseVersion,
  type Release,
  release,
  SINCE,
  type Version,
} from "./versions";
