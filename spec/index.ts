/** The language of a spec: what other rooms need of it. */
export { Address, AddressError, bitsOf, Cidr, hostPort, InterfaceAddress } from "./addresses";
export * from "./families";
export { type Loaded, loadSpec, parseSpec } from "./load";
export { type Place, type Problem, renderProblems, SpecError } from "./problems";
export { SPEC } from "./schema";
export type * from "./types";
export { parseVersion, type Version } from "./versions";
