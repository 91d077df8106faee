/** Versions of Kubernetes: which ones dualstack sets up, and how two are compared. */

/** First and last minor release (of 1.x) that dualstack sets up. */
export const SUPPORTED_MINORS = { first: 31, last: 37 } as const;

/** kube-proxy's nftables mode: beta and on since 1.31, stable since 1.33 (KEP-3866). */
export const NFTABLES_STABLE_MINOR = 33;

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads `1.36.3`; undefined for any other form. */
export function parseVersion(text: string): Version | undefined {
  const match = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text);
  if (match === null) return undefined;
  const [major, minor, patch] = match.slice(1).map(Number) as [number, number, number];
  return { major, minor, patch };
}

/** Is `version` one that dualstack sets up? */
export function isSupported({ major, minor }: Version): boolean {
  return major === 1 && minor >= SUPPORTED_MINORS.first && minor <= SUPPORTED_MINORS.last;
}
