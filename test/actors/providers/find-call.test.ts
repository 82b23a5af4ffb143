import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TelephonyClient } from '../../../actors/providers/telephony.ts';

const TO = '+14155550101';
const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 4, 1, 12);

interface Story {
  /** What the provider's list says of the call's creation. */
  readonly created: string | undefined;
  /** The provider's clock when it is asked. */
  readonly theirNow: number;
  readonly ourNow: number;
  readonly since: number;
  readonly from?: string;
}

/** Asks a telephony provider that knows one call to the number. */
async function find({ created, theirNow, ourNow, since, from }: Story): Promise<string | null> {
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { date: new Date(theirNow).toUTCString() });
    response.end(JSON.stringify({ calls: [{ sid: 'CA1', to: TO, from, date_created: created }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const client = new TelephonyClient({
    fetch,
    now: () => ourNow,
    baseUrl: `http://127.0.0.1:${port}`,
    accountSid: 'AC1',
    authToken: 'token',
    from: '+14155550199',
  });
  return client.findCall(TO, since, AbortSignal.timeout(10_000));
}

const stamp = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000');

describe('the look-up of a dial in doubt', () => {
  test('finds the call when both clocks agree', async () => {
    const story = { theirNow: NOW, ourNow: NOW, since: NOW - 5_000 };
    expect(await find({ ...story, created: stamp(NOW - 4_000) })).toBe('CA1');
  });

  test('does not take a call from before for it', async () => {
    const story = { theirNow: NOW, ourNow: NOW, since: NOW - 5_000 };
    expect(await find({ ...story, created: stamp(NOW - 60_000) })).toBeNull();
  });

  test('finds it although our clock runs an hour ahead of the provider’s', async () => {
    const ourNow = NOW + HOUR_MS;
    const story = { theirNow: NOW, ourNow, since: ourNow - 5_000 };
    expect(await find({ ...story, created: stamp(NOW - 1_000) })).toBe('CA1');
  });

  test('finds it although our clock runs an hour behind the provider’s', async () => {
    const ourNow = NOW - HOUR_MS;
    const story = { theirNow: NOW, ourNow, since: ourNow - 5_000 };
    expect(await find({ ...story, created: stamp(NOW - 1_000) })).toBe('CA1');
  });

  test('takes a call of unknown age for it, rather than dial again', async () => {
    const story = { theirNow: NOW, ourNow: NOW, since: NOW - 5_000 };
    expect(await find({ ...story, created: undefined })).toBe('CA1');
  });

  test('does not take a call of another agent of the account for it', async () => {
    const story = { theirNow: NOW, ourNow: NOW, since: NOW - 5_000, created: stamp(NOW) };
    expect(await find({ ...story, from: '+14155550199' })).toBe('CA1');
    expect(await find({ ...story, from: '+14155550188' })).toBeNull();
  });
});
