/** Drift: what on the hosts is not as planned. */
export { authorityOn, compare } from "./compare";
export { type Drift, driftCode, type HostDrift, toJson } from "./drift";
export { joinsCluster, questionsAbout } from "./questions";
export { renderDrift } from "./text";
