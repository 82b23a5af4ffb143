import type { IncomingMessage } from 'node:http';
import os from 'node:os';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** `::1` is written `[::1]` where a port may follow. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** What a request asks for; null where it is no address, as a request may say anything. */
export function addressOf({ url }: Pick<IncomingMessage, 'url'>): URL | null {
  return URL.parse(url ?? '/', 'http://localhost');
}

/** Every address of this machine: no browser can be sent to one of them. */
const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** This machine's addresses for others, IPv4 first. */
function outerAddresses(): readonly string[] {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses = []) => addresses);
  const outer = all.filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0);
  return outer
    .toSorted((a, b) => a.family.localeCompare(b.family))
    .map(({ address }) => urlHost(address));
}

/** What others write to get to a server that listens on this host. */
export const reachableHost = (host: string): string =>
  isWildcard(host) ? (outerAddresses()[0] ?? 'localhost') : urlHost(host);

/**
 * Values of the Host header under which a server on this port is known.
 * @param others names that somebody in front of it is reached by, with a port or without
 */
export function ownHosts(
  host: string,
  port: number,
  others: readonly string[] = [],
): ReadonlySet<string> {
  const everywhere = isWildcard(host) ? [...outerAddresses(), os.hostname()] : [urlHost(host)];
  const names = [...everywhere, 'localhost', '127.0.0.1', '[::1]'];
  const hosts = [...names, ...others].map((name) => `${name}:${port}`);
  const bare = port === 80 ? [...names, ...others] : others;
  return new Set([...hosts, ...bare].map((name) => name.toLowerCase()));
}

/**
 * A foreign Host is a rebound DNS name, a foreign Origin another page the user has open: either
 * could read the state of the program. What isn't a browser sends no Origin.
 * @param guests other pages that may ask, by their origin
 */
export function isAllowed(
  { headers }: Pick<IncomingMessage, 'headers'>,
  hosts: ReadonlySet<string>,
  guests: readonly string[] = [],
): boolean {
  const { host, origin } = headers;
  if (host === undefined || !hosts.has(host.toLowerCase())) return false;
  if (origin === undefined || guests.includes(origin)) return true;
  // In front of a server of ours somebody else may speak TLS.
  return origin === `http://${host}` || origin === `https://${host}`;
}
