/** `dualstack diff`: what a change of a spec does to a running cluster. */
export { type Diff, diffSpecs, exitCode } from "./diff";
export { renderHtml } from "./html";
export { toJson } from "./json";
export { escaped, fold, MOST_CHARACTERS, renderMarkdown } from "./markdown";
export { type Colours, renderText } from "./text";
