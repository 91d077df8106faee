/** The documents for kubeadm in a planned tree: they lie in files of their own, and the script joins them (kubernetes.sh one_file). */
import { parseAllDocuments } from "yaml";

/** One text, as kubeadm gets it on `host`: a joining host has kubelet's file for later, and kubeadm does not read it. */
export function kubeadmText(tree: ReadonlyMap<string, string>, host: string): string {
  const file = (name: string) => tree.get(`hosts/${host}/etc/dualstack/${name}.yaml`) ?? "";
  const own = file("kubeadm");
  if (own.includes("kind: JoinConfiguration")) return own;
  return [own, file("kubelet"), file("kube-proxy")].filter((text) => text !== "").join("---\n");
}

export function kubeadmDocuments(tree: ReadonlyMap<string, string>, host: string): any[] {
  return parseAllDocuments(kubeadmText(tree, host)).map((document) => document.toJS());
}
