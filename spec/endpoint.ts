/** `api.lab.example:6443`, `192.168.1.10` or `[fd00::10]:6443`: where the Kubernetes API is reached. */
import { isIP, isIPv6 } from "node:net";
import { Address, AddressError } from "./addresses";
import { API_PORT } from "./defaults";
import { DOMAIN } from "./texts";
import type { Endpoint } from "./types";

/** Throws {@link AddressError}. The port may be left out. */
export function parseEndpoint(text: string): Endpoint {
  if (isIPv6(text))
    throw new AddressError("endpoint-brackets", `an IPv6 address is written in brackets here: [${text}]:${API_PORT}`);
  const match = /^(?:\[([^\]]*)\]|([^:[\]/]*))(?::([^:/]*))?$/.exec(text);
  if (match === null) throw new AddressError("endpoint-form", "must be name:port, address:port or [IPv6 address]:port");
  const [, bracketed, bare = "", port] = match;
  return { ...parseHost(bracketed, bare), port: port === undefined ? API_PORT : parsePort(port) };
}

function parseHost(bracketed: string | undefined, bare: string): Omit<Endpoint, "port"> {
  const text = bracketed ?? bare;
  if (bracketed !== undefined && !text.includes(":")) {
    throw new AddressError("endpoint-brackets", `brackets are for IPv6 addresses only: write ${text}`);
  }
  if (bracketed !== undefined || isIP(text) !== 0 || /^[\d.]*$/.test(text)) {
    const address = Address.parse(text);
    return { host: address.toString(), address };
  }
  if (!DOMAIN.pattern.test(text))
    throw new AddressError("domain-form", `the name before the port must be ${DOMAIN.allowed}`);
  return { host: text };
}

function parsePort(text: string): number {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535)
    throw new AddressError("endpoint-port", `the port must be a whole number from 1 to 65535, such as ${API_PORT}`);
  return port;
}
