import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TelephonyClient } from '../../../actors/providers/telephony.ts';
import type { Ago } from '../../../runtime/wall-time.ts';

const TO = '+14155550101';
const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 4, 1, 12);

interface Story {
  /** What the provider's list says of the call's creation. */
  readonly created: string | undefined;
  /** The provider's clock when it is asked; null: its answer has no date. */
  readonly theirNow: number | null;
  readonly ago: Ago;
  readonly known?: readonly string[];
  readonly from?: string;
}

/** Asks a telephony provider that knows one call to the number. */
async function find({ created, theirNow, ago, known = [], from }: Story): Promise<string | null> {
  const server = http.createServer((_request, response) => {
    response.sendDate = false;
    if (theirNow !== null) response.setHeader('date', new Date(theirNow).toUTCString());
    response.end(JSON.stringify({ calls: [{ sid: 'CA1', to: TO, from, date_created: created }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const client = new TelephonyClient({
    fetch,
    now: () => NOW,
    baseUrl: `http://127.0.0.1:${port}`,
    accountSid: 'AC1',
    authToken: 'token',
    from: '+14155550199',
  });
  const isKnown = (sid: string): boolean => known.includes(sid);
  return client.findCall({ to: TO, ago: () => ago, isKnown }, AbortSignal.timeout(10_000));
}

const stamp = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000');
const sure = { ms: 5_000, isSure: true };
const unsure = { ms: 5_000, isSure: false };
const doubt = /a call of the last day to this number may be this one/;

describe('the look-up of a dial in doubt', () => {
  test.for([0, HOUR_MS, -HOUR_MS])(
    'finds the call by its age, whatever time it is for the provider: %i ms ahead of us',
    async (aheadMs) => {
      const theirNow = NOW + aheadMs;
      expect(await find({ theirNow, created: stamp(theirNow - 4_000), ago: sure })).toBe('CA1');
      expect(await find({ theirNow, created: stamp(theirNow - 60_000), ago: sure })).toBeNull();
    },
  );

  test('does not take a call for it that is known to be another one', async () => {
    const story = { theirNow: NOW, created: stamp(NOW - 4_000), ago: unsure };
    expect(await find({ ...story, known: ['CA1'] })).toBeNull();
  });

  test('takes a call of unknown age for it, rather than dial again', async () => {
    expect(await find({ theirNow: NOW, created: undefined, ago: sure })).toBe('CA1');
  });

  test('leaves an earlier call to a person, when our clock may have been set since', async () => {
    const story = { theirNow: NOW, ago: unsure };
    await expect(find({ ...story, created: stamp(NOW - HOUR_MS) })).rejects.toThrow(doubt);
    expect(await find({ ...story, created: stamp(NOW - 25 * HOUR_MS) })).toBeNull();
  });

  test('leaves it to a person as well when the provider does not tell its time', async () => {
    const story = { theirNow: null, ago: sure };
    await expect(find({ ...story, created: stamp(NOW - HOUR_MS) })).rejects.toThrow(doubt);
    expect(await find({ ...story, created: stamp(NOW - 4_000) })).toBe('CA1');
  });

  test('does not take a call of another agent of the account for it', async () => {
    const story = { theirNow: NOW, ago: unsure, created: stamp(NOW) };
    expect(await find({ ...story, from: '+14155550199' })).toBe('CA1');
    await expect(find({ ...story, from: '+14155550188' })).rejects.toThrow(doubt);
    const earlier = { ...story, created: stamp(NOW - 60_000) };
    expect(await find({ ...earlier, from: '+14155550188' })).toBeNull();
  });
});
