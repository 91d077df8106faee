/** What a lab makes for add-ons without a registry: images under the names that the plan starts, files out of the modules of their releases. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CILIUM, METALLB } from "../../addons/catalogue";
import { ENVOY_GATEWAY } from "../../addons/catalogue-way-in";
import { addonImages } from "../../lab/addon-images";
import { moduleOf } from "../../lab/upstream";
import { parseSpec } from "../../spec";

const dual = readFileSync(join(__dirname, "../plan/specs/dual.yaml"), "utf8");
const tagsOf = (wish: string) => {
  const { spec } = parseSpec(`${wish}\n${dual}`, { file: "dual.yaml" });
  return addonImages(spec, "1.14.2").flatMap(({ wanted }) => (wanted.node ?? []).map(({ tag }) => tag));
};

test("Cilium's images have the tags that the chart of its repository names, which gives no digest of them", () => {
  expect(tagsOf("cni: {kind: cilium}")).toEqual([
    "quay.io/cilium/cilium:v1.20.0",
    "quay.io/cilium/operator-generic:v1.20.0",
  ]);
});

test("Envoy Gateway's are what the catalogue has: the controller, and the Envoy that it starts itself", () => {
  const { image, proxy } = ENVOY_GATEWAY["1.9.1"];
  expect(tagsOf("ingress: [{kind: envoy-gateway}]")).toEqual([image, proxy]);
});

test("a file and a chart are in the module of their release", () => {
  expect(moduleOf(METALLB["0.16.1"].native)).toEqual({
    main: "go.universe.tf/metallb@v0.16.1",
    path: "config/manifests/metallb-native.yaml",
  });
  expect(moduleOf(CILIUM["1.20.0"])).toEqual({
    main: "github.com/cilium/cilium@v1.20.0",
    path: "install/kubernetes/cilium",
  });
});
