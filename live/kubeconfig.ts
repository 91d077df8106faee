/** What dualstack reads out of a kubeconfig by itself. */
import { X509Certificate } from "node:crypto";
import { parse } from "yaml";

interface Kubeconfig {
  readonly clusters?: readonly { readonly cluster?: { readonly "certificate-authority-data"?: string } }[];
}

/** The certificate (PEM) of the CA that a kubeconfig trusts. Throws Error if it holds none. */
export function authorityOf(kubeconfig: string): string {
  const data = (parse(kubeconfig) as Kubeconfig | null)?.clusters?.[0]?.cluster?.["certificate-authority-data"];
  if (data === undefined) throw new Error("the kubeconfig has no certificate-authority-data");
  return new X509Certificate(Buffer.from(data, "base64")).toString();
}
