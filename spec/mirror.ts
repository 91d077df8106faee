/** Where pinned files are read instead of at their projects. */
import { AddressError } from "./addresses";
import { parsed } from "./shapes";
import { LOCAL_FILE } from "./texts";

const URL_FORM = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?(\/[A-Za-z0-9._~+-]+)*\/?$/;

/** A folder, or the URL of one. */
export const mirror = parsed("a folder, or the http:// or https:// URL of one", (written: string): string => {
  if (/^https?:\/\/[^/]*@/.test(written))
    throw new AddressError("mirror-secret", "secrets do not belong in a spec; curl finds them in ~/.netrc");
  if (isUrl(written) ? URL_FORM.test(written) : LOCAL_FILE.pattern.test(written)) return written;
  throw new AddressError("mirror-form", "must be a folder, or the http:// or https:// URL of one, without ? and #");
});

/** Is a mirror at a URL, and no folder? */
export function isUrl(mirror: string): boolean {
  return mirror.includes("://");
}
