/** Families of Services: what is asked for, what it becomes, and what a change of it means. */
import { serviceChange } from "../../addons/services/change";
import { familyFields, ServiceError, type ServiceRequest, serviceShape } from "../../addons/services/families";
import type { Family } from "../../spec/families";
import { REFUSED, ROWS } from "../contract/service-rows";

const DUAL: readonly Family[] = ["ipv4", "ipv6"];
const selector = { app: "web" };

// biome-ignore format: one case a line
const SHAPES: [cluster: Family[], request: ServiceRequest, policy: string | undefined, families: string[] | undefined][] = [
  [["ipv4", "ipv6"], { selector }, "PreferDualStack", ["IPv4", "IPv6"]],
  [["ipv6", "ipv4"], { selector }, "PreferDualStack", ["IPv6", "IPv4"]],
  [["ipv4"], { selector }, "PreferDualStack", ["IPv4"]],
  [["ipv6", "ipv4"], { selector, policy: "SingleStack" }, "SingleStack", ["IPv6"]],
  [["ipv4", "ipv6"], { selector, families: ["ipv6"] }, "PreferDualStack", ["IPv6", "IPv4"]],
  [["ipv4", "ipv6"], { selector, families: ["ipv6"], policy: "SingleStack" }, "SingleStack", ["IPv6"]],
  [["ipv4", "ipv6"], { selector, policy: "RequireDualStack", families: ["ipv6", "ipv4"] }, "RequireDualStack", ["IPv6", "IPv4"]],
  [["ipv4"], { headless: true }, "PreferDualStack", ["IPv4", "IPv6"]],
  [["ipv4"], { headless: true, policy: "RequireDualStack", families: ["ipv6"] }, "RequireDualStack", ["IPv6", "IPv4"]],
  [["ipv6"], { headless: true, selector }, "PreferDualStack", ["IPv6"]],
  [["ipv4", "ipv6"], { type: "ExternalName" }, undefined, undefined],
];

test.each(SHAPES)("a cluster of %j makes of %j: %s %j", (cluster, request, policy, families) => {
  const fields = familyFields(serviceShape(cluster, request));
  expect(fields).toEqual({
    type: request.type ?? "ClusterIP",
    ...(request.headless ? { clusterIP: "None" } : {}),
    ...(policy === undefined ? {} : { ipFamilyPolicy: policy, ipFamilies: families }),
  });
});

const onDual = REFUSED.map(([request, code]) => [DUAL, request, code] as const);
const onSingle = [
  [["ipv4"], { selector, policy: "RequireDualStack" }, "require-on-single"],
  [["ipv4"], { selector, families: ["ipv6"] }, "family-missing"],
  [["ipv6"], { headless: true, selector, families: ["ipv4"] }, "family-missing"],
  [[], { selector }, "no-family"],
] as const;

test.each([...onDual, ...onSingle] as [Family[], ServiceRequest, string][])(
  "a cluster of %j refuses %j: %s",
  (cluster, request, code) => {
    let found: unknown;
    try {
      serviceShape(cluster, request);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(ServiceError);
    expect((found as ServiceError).code).toBe(code);
  },
);

test.each(ROWS)("$from becomes $to: $outcome ($code)", ({ from, to, outcome, code }) => {
  const change = serviceChange(serviceShape(DUAL, from), serviceShape(DUAL, to));
  expect(change).toMatchObject({ outcome, code });
  expect(change.why).toMatch(/\w/);
});

test("every change is one that the rows try against a real API server", () => {
  const requests: ServiceRequest[] = ["SingleStack", "PreferDualStack", "RequireDualStack"].flatMap((policy) =>
    (["ClusterIP", "LoadBalancer", "headless"] as const).flatMap((kind) =>
      ([["ipv4"], ["ipv6"]] as const).map((families) => ({
        selector,
        families,
        policy: policy as "SingleStack",
        ...(kind === "headless" ? { headless: true } : { type: kind }),
      })),
    ),
  );
  const tried = new Set(ROWS.map(({ outcome, code }) => `${outcome} ${code}`));
  for (const from of requests) {
    for (const to of requests) {
      const { outcome, code } = serviceChange(serviceShape(DUAL, from), serviceShape(DUAL, to));
      expect(tried).toContain(`${outcome} ${code}`);
    }
  }
});
