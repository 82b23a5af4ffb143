import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ServiceName } from '../../config.ts';
import { ada } from '../../scenarios/people.ts';
import type { Fault } from '../../scenarios/world/faults.ts';
import { toldBy } from '../../sinks/alerts/told.ts';
import { journalOf, openAgent } from '../support/agent.ts';

const env = {
  OPENAI_API_KEY: 'sk-proj-Very-Secret-0123456789',
  ELEVENLABS_API_KEY: 'xi-secret-0123456789',
  TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000001',
  TWILIO_AUTH_TOKEN: 'twilio-token-0123456789',
  HUBSPOT_ACCESS_TOKEN: 'pat-na1-secret-0123456789',
};

const secrets = [
  env.OPENAI_API_KEY,
  env.ELEVENLABS_API_KEY,
  env.TWILIO_AUTH_TOKEN,
  env.HUBSPOT_ACCESS_TOKEN,
  ada.phone,
  '4155550101',
  '(415) 555-0101',
  'Lovelace',
];

const echo = `Bad request by Ada Lovelace at ${ada.phone} (415) 555-0101 with ${secrets.slice(0, 4).join(', ')}`;

/** What each provider's error body may look like, with everything in it that must not be seen. */
const bodies: { readonly [service in ServiceName]: object } = {
  LLM: { error: { message: echo, type: 'invalid_request_error', code: 'bad' } },
  ElevenLabs: { detail: { status: 'bad', message: echo } },
  Telephony: { code: 21211, message: echo },
  CRM: { status: 'error', category: 'VALIDATION_ERROR', message: echo },
};

interface Seen {
  readonly journal: string;
  readonly log: string;
  readonly alerts: string;
  readonly result: string;
}

/** Everything that a failing call leaves behind, but the folder for contact details. */
async function leavings(service: ServiceName, fault: Fault): Promise<Seen> {
  // Keys are set, so that they are secrets, and the world answers all the same.
  const v = await openAgent({ env, healthChecks: true });
  v.agent.world?.plan(service, [{ match: 'work', fault }]);
  const result = await v.drive(v.agent.makeSingleCall(ada));
  await v.clock.advance(60_000);
  await v.agent.flush();
  const records = journalOf(v);
  return {
    journal: records.map((record) => JSON.stringify(record)).join('\n'),
    log: fs.readFileSync(path.join(v.dir, 'log.json'), 'utf8'),
    alerts: JSON.stringify(records.map(toldBy)),
    result: JSON.stringify({ ...result, name: '' }),
  };
}

const shown = ({ journal, log, alerts, result }: Seen): string[] =>
  secrets.filter((secret) => [journal, log, alerts, result].some((text) => text.includes(secret)));

describe('when every request fails with a body that repeats keys, name and number', () => {
  test.for<[ServiceName, number]>([
    ['LLM', 500],
    ['LLM', 400],
    ['ElevenLabs', 503],
    ['ElevenLabs', 422],
    ['Telephony', 429],
    ['Telephony', 400],
    ['CRM', 500],
    ['CRM', 400],
  ])('nothing of them is left of %s with %i but in the contacts', async ([service, status]) => {
    const seen = await leavings(service, { status, body: bodies[service] });
    expect(seen.journal).toContain('Bad request by');
    expect(shown(seen)).toEqual([]);
  });

  test.for([70, 85, 100, 900, 990])(
    'nothing of them is left where the words before take %i characters twice',
    async (words) => {
      const message = `${'a '.repeat(words)}${echo}`;
      const seen = await leavings('LLM', { status: 400, body: { error: { message } } });
      const parts = secrets.map((secret) => secret.slice(0, 8));
      expect(parts.filter((part) => seen.journal.includes(part))).toEqual([]);
    },
  );

  test('a message has an end', async () => {
    const message = 'x'.repeat(100_000);
    const seen = await leavings('LLM', { status: 500, body: { error: { message } } });
    const longest = Math.max(...seen.journal.split('\n').map((line) => line.length));
    expect(longest).toBeLessThan(4_000);
  });
});

describe('a provider’s error code', () => {
  test('is kept as it is when it is one', async () => {
    const seen = await leavings('LLM', { status: 400, body: bodies.LLM });
    expect(seen.journal).toContain('"code":"bad"');
  });

  test.for<[string, string]>([
    ['a key', env.OPENAI_API_KEY],
    ['a number', ada.phone],
    ['a name', 'Lovelace'],
  ])('is masked when it is %s', async ([, code]) => {
    const body = { error: { message: 'no', code } };
    expect(shown(await leavings('LLM', { status: 400, body }))).toEqual([]);
  });
});
