/** The address map: every range of a family to scale, with what is used and what is left of it. */
import type { Cidr } from "../../spec/addresses";
import type { Family } from "../../spec/families";
import type { ClusterSpec } from "../../spec/types";
import { type Html, html } from "../html";
import { type Frame, frames, percent, place } from "./frames";
import { familyTitle, type MapRange, type Mark, mapRanges } from "./ranges";

/** The map of one family. */
export function addressMap(spec: ClusterSpec, family: Family): Html {
  const strips = frames(mapRanges(spec, family)).map(strip);
  return html`<section class="card"><h3>${familyTitle(spec, family)}</h3>${strips}</section>`;
}

const KINDS: Readonly<Record<MapRange["kind"], string>> = {
  hosts: "link of the hosts",
  pods: "pods",
  services: "Services",
  reserved: "reserved",
};

function strip({ frame, ranges }: Frame<MapRange>): Html {
  const alone = ranges.length === 1 && ranges[0]?.cidr.equals(frame);
  const overview = alone
    ? undefined
    : html`<div class="strip frame" role="img" aria-label="${ranges.map(({ cidr, kind }) => `${KINDS[kind]} ${cidr}`).join(", ")} in ${frame.toString()}">${ranges.map((one) => block(one.kind, place(frame, one.cidr)))}</div><p class="ends"><span>${frame.network.toString()}</span><b>${frame.toString()}</b><span>${frame.last.toString()}</span></p>`;
  return html`<div class="frame-group">${overview}<ul class="ranges">${ranges.map(range)}</ul></div>`;
}

function range(one: MapRange): Html {
  const { cidr, kind, marks, text } = one;
  return html`<li><p><span class="key ${kind}"></span><b>${cidr.toString()}</b> ${KINDS[kind]}: ${text}</p><div class="strip whole ${kind}" role="img" aria-label="${text}">${fill(one)}${marks.map((mark) => tick(cidr, mark))}</div>${names(marks)}</li>`;
}

/** What is given away of a range that is cut into equal parts. */
function fill({ kind, parts }: MapRange): Html | undefined {
  return parts && block(kind, { left: 0, width: percent(BigInt(Math.min(parts.used, parts.of)), BigInt(parts.of)) });
}

function block(kind: string, { left, width }: { left: number; width: number }): Html {
  return html`<i class="${kind}" style="left:${left}%;width:${width}%"></i>`;
}

function tick(cidr: Cidr, { address, what }: Mark): Html {
  const left = percent(address.value - cidr.network.value, cidr.capacity);
  return html`<i class="tick" style="left:${left}%" title="${what} ${address.toString()}"></i>`;
}

/** A link of hundreds of hosts lists them in the table of hosts only. */
const LISTED = 12;

function names(marks: readonly Mark[]): Html | undefined {
  if (marks.length === 0) return undefined;
  const shown = marks
    .slice(0, LISTED)
    .map(({ address, what }) => html`<span>${what} <code>${address.toString()}</code></span> `);
  const rest = marks.length > LISTED ? html`<span>and ${marks.length - LISTED} more</span>` : undefined;
  return html`<p class="marks">${shown}${rest}</p>`;
}
