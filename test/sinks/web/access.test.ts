import os from 'node:os';
import { expect, test } from 'vitest';
import { isAllowed, ownHosts, reachableHost } from '../../../sinks/web/access.ts';

const outer = Object.values(os.networkInterfaces())
  .flatMap((addresses = []) => addresses)
  .filter(({ internal, family }) => !internal && family === 'IPv4')
  .map(({ address }) => address);

test.for(['0.0.0.0', '::'])('on %s it is known by every name that this machine has', (host) => {
  const hosts = ownHosts(host, 7070);
  for (const name of [...outer, os.hostname(), 'localhost', '127.0.0.1', '[::1]']) {
    expect(isAllowed({ headers: { host: `${name}:7070` } }, hosts), name).toBe(true);
  }
  expect(isAllowed({ headers: { host: 'evil.example:7070' } }, hosts)).toBe(false);
  expect(hosts.has(`${host}:7070`)).toBe(false);
});

test('the address that is told of is one that a browser can go to', () => {
  expect(reachableHost('0.0.0.0')).toBe(outer[0] ?? reachableHost('::'));
  expect(['0.0.0.0', '::', '[::]']).not.toContain(reachableHost('::'));
  expect(reachableHost('::1')).toBe('[::1]');
  expect(reachableHost('127.0.0.1')).toBe('127.0.0.1');
});

test('on an address of its own it is known by that, not by the others of this machine', () => {
  const hosts = ownHosts('127.0.0.1', 7070);
  for (const name of [...outer, os.hostname()]) expect(hosts).not.toContain(`${name}:7070`);
});
