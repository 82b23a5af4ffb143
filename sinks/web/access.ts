import type { IncomingMessage } from 'node:http';

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

/** Values of the Host header under which a server on this port is known. */
export function ownHosts(host: string, port: number): ReadonlySet<string> {
  const names = new Set([urlHost(host), 'localhost', '127.0.0.1', '[::1]']);
  const hosts = [...names].map((name) => `${name}:${port}`);
  return new Set(port === 80 ? [...hosts, ...names] : hosts);
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
  if (host === undefined || !hosts.has(host)) return false;
  return origin === undefined || origin === `http://${host}` || guests.includes(origin);
}
