/**
 * Allow-lists of every text that a spec may hold. None lets a space, a quote or any other character through that means
 * something to a shell (spec/known-hosts.ts handles host keys, whose one space separates two such words).
 */
import { isIP } from "node:net";
import { Address, AddressError } from "./addresses";
import { hostKeyOf } from "./host-key";
import { parsed, type Text, text } from "./shapes";

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

/** RFC 1123 label. Kubernetes copies a node's name into a label, so 63 characters are the limit, not 253. */
export const NAME = text(
  "name-form",
  new RegExp(`^${LABEL}$`),
  "an RFC 1123 label: at most 63 of a-z, 0-9 and -, beginning and ending with a letter or digit",
);

/** RFC 1123 subdomain, at most 253 characters. */
export const DOMAIN = text(
  "domain-form",
  new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`),
  "an RFC 1123 name in lower case without a final dot, such as lab.example",
);

/** Linux: IFNAMSIZ is 16 with the final zero; `.` and `..` are no names. */
export const INTERFACE_NAME = text(
  "interface-name",
  /^(?!\.{1,2}$)(?!-)[a-zA-Z0-9_.-]{1,15}$/,
  "the name of an interface: at most 15 of a-z, A-Z, 0-9, _ . -, such as eth0",
);

/** The names that useradd takes by itself. */
export const USER = text("user-form", /^[a-z_][a-z0-9_-]{0,31}$/, "a user name: at most 32 of a-z, 0-9, _ and -");

export const VERSION = versionText("such as 1.36.3, without a leading v");
export const CNI_VERSION = versionText("such as 0.28.9, without a leading v");

function versionText(example: string): Text {
  return text(
    "version-form",
    /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){2}$/,
    `a whole version of three numbers, ${example}`,
  );
}

/** Kind of a Kubernetes object. */
export const KIND = text("kind-form", /^[A-Z][A-Za-z0-9]{0,62}$/, "the kind of an object, such as DaemonSet");

/** Name of any Kubernetes object; those of roles may hold colons (k/k ValidatePathSegmentName). */
export const OBJECT_NAME = text(
  "object-name",
  /^[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$/,
  "the name of an object, such as kube-flannel-ds",
);

/** A folder on the hosts. No `..`: the folder is what is written. */
export const HOST_FOLDER = text(
  "path-form",
  /^(?!.*(^|\/)\.\.(\/|$))(\/[A-Za-z0-9._@+-]+){1,32}$/,
  "an absolute path without .. and of the characters A-Z a-z 0-9 . _ @ + - only",
);

/** A file on this machine, relative to the spec; `~/` is the home folder. */
export const LOCAL_FILE = text(
  "path-form",
  /^(~\/|\/)?[A-Za-z0-9._@+][A-Za-z0-9._@+-]*(\/[A-Za-z0-9._@+-]+){0,32}$/,
  "the path of a file, of the characters A-Z a-z 0-9 . _ @ + - and / only; relative ones begin at the spec's folder",
);

/** registry/repository:tag@digest, as containerd takes it. */
export const IMAGE = text(
  "image-form",
  /^[a-z0-9][a-z0-9._:-]{0,127}(\/[a-z0-9][a-z0-9._-]{0,127}){0,16}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
  "an image reference such as registry.example/folder/name:tag",
);

/** Where to connect to: an address (in canonical form afterwards) or a host name. */
export const SSH_ADDRESS = parsed("an address or a host name", (written: string): string => {
  if (written.includes("://")) {
    throw new AddressError(
      "address-url",
      "must be an address or a host name alone, without https:// or another scheme",
    );
  }
  if (DOMAIN.pattern.test(written) && !/^[\d.]+$/.test(written)) return written;
  if (/[:%[\]/]/.test(written) || /^[\d.]*$/.test(written) || isIP(written) !== 0)
    return Address.parse(written).toString();
  throw new AddressError("domain-form", `must be an address, or ${DOMAIN.allowed}`);
});

/** A pinned host key. */
export const HOST_KEY = parsed("a host key such as: ssh-ed25519 AAAA...", hostKeyOf);
