import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { AUDIO_TOKEN, PublicAddresses } from '../../../actors/public/addresses.ts';

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;
const artefact = `${createHash('sha256').update('audio').digest('hex')}.mp3`;

function addressesAt(now: number, more: { authToken?: string; accountSid?: string } = {}) {
  return new PublicAddresses({
    baseUrl: 'https://calls.example.com/agent',
    accountSid: 'AC01',
    authToken: 'a secret of Twilio’s',
    playsAudio: true,
    now: () => now,
    ...more,
  });
}

function tokenIn(url: string): string {
  const token = new RegExp(
    `^https://calls\\.example\\.com/agent/audio/(${AUDIO_TOKEN})\\.mp3$`,
  ).exec(url)?.[1];
  if (token === undefined) throw new Error(`no token in ${url}`);
  return token;
}

const token = tokenIn(addressesAt(NOW).audioUrl(artefact));

test('an audio address leads to its artefact', () => {
  expect(addressesAt(NOW).artefactOf(token)).toEqual({ artefact, hasExpired: false });
});

test('it is good for 25 hours: Twilio may hold a call for a day before it rings', () => {
  expect(addressesAt(NOW + 25 * HOUR - 1).artefactOf(token)?.hasExpired).toBe(false);
  expect(addressesAt(NOW + 25 * HOUR).artefactOf(token)?.hasExpired).toBe(true);
});

test('another start of the agent knows it, because nothing has to be remembered', () => {
  expect(addressesAt(NOW + HOUR).artefactOf(token)).toEqual({ artefact, hasExpired: false });
});

test('nobody else can make one, for no artefact and for no longer', () => {
  const bytes = Buffer.from(token, 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]! ^= 1;
    expect(addressesAt(NOW).artefactOf(changed.toString('base64url'))).toBeNull();
  }
});

test.each([
  ['key', { authToken: 'another secret' }],
  ['account', { accountSid: 'AC02' }],
])('one of another %s is not ours', (_, more) => {
  expect(addressesAt(NOW, more).artefactOf(token)).toBeNull();
});

test('what proves the agent to a probe is no audio address, and differs from account to account', () => {
  const nonce = 'n'.repeat(22);
  const proof = addressesAt(NOW).proof(nonce);
  expect(proof).toMatch(/^[\w-]{22}$/);
  expect(addressesAt(NOW, { authToken: 'another secret' }).proof(nonce)).not.toBe(proof);
  expect(addressesAt(NOW).proof('m'.repeat(22))).not.toBe(proof);
});

test('neither the key nor the account stands in an address', () => {
  const urls = [
    addressesAt(NOW).audioUrl(artefact),
    addressesAt(NOW).statusUrl({ root: 'call:0007.2', dial: 1 }),
  ];
  expect(urls[1]).toBe('https://calls.example.com/agent/twilio/status/0007.2/1');
  expect(urls.join()).not.toMatch(/AC01|secret/);
});
