import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { CallContext } from '../machines/call-protocol.ts';
import { machines } from '../machines/registry.ts';
import type { JournalRecord } from '../store/record.ts';
import { verifyJournal } from '../store/verify.ts';
import { until } from './cli/support/until.ts';
import { recordsIn } from './support/lives.ts';
import { KEYS } from './cli/support/providers.ts';
import { Outside } from './support/public-agent.ts';

vi.setConfig({ testTimeout: 30_000 });

const ADA = { name: 'Ada Lovelace', phone: '+14155550101' };

/** The lines of the call itself, without those of its requests. */
const callLines = (dataDir: string): JournalRecord[] =>
  recordsIn(dataDir).filter(({ actor }) => actor === 'call:0001');

/** What had the agent ask how the call stands, in order. */
const askedBecause = (dataDir: string): string[] =>
  callLines(dataDir)
    .filter(({ from, to }) => from === 'inCall' && to === 'following')
    .map(({ event }) => event.type);

const stagesIn = (dataDir: string): string[] =>
  callLines(dataDir).flatMap(({ context }) => {
    const { reported } = (context ?? {}) as Partial<CallContext>;
    return reported ? [reported.stage] : [];
  });

const answersOf = ({ world }: Outside): (number | null)[] =>
  world.callbacks.map(({ answered }) => answered);

/** Every file that the agent wrote, but the contacts and what they are told. */
function writtenIn(dataDir: string): string {
  return fs
    .readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/contacts|artefacts|lock/.test(entry.parentPath))
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

describe('with a public address', () => {
  test('people hear what ElevenLabs has made, byte for byte', async () => {
    const outside = await Outside.open();
    const agent = await outside.start();
    expect((await outside.drive(agent.makeSingleCall(ADA))).status).toBe('completed');
    const { speech } = callLines(outside.dataDir).find(({ event }) =>
      event.type.endsWith('.speech'),
    )!.context as { speech: { artefact: string } };
    await until(() => outside.world.played.length > 0);
    const [played, ...more] = outside.world.played;
    expect(more).toEqual([]);
    expect(played).toMatchObject({ status: 200, contentType: 'audio/mpeg' });
    const made = fs.readFileSync(agent.artefacts.path(speech.artefact));
    expect(made.equals(played!.bytes)).toBe(true);
  });

  test('a call is asked after when it tells of itself, and by no timer', async () => {
    const outside = await Outside.open();
    const agent = await outside.start();
    const call = await outside.drive(agent.makeSingleCall(ADA));
    expect([call.status, call.disposition]).toEqual(['completed', 'answered']);
    expect(outside.world.callbacks.map(({ event }) => event)).toEqual([
      'ringing',
      'answered',
      'completed',
    ]);
    expect(answersOf(outside)).toEqual([204, 204, 204]);
    expect(askedBecause(outside.dataDir)).toEqual(Array(3).fill('call.reported'));
    expect(stagesIn(outside.dataDir)).toEqual(['ringing', 'answered', 'ended']);
  });

  test.each([
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'failed'],
    ['voicemail', 'voicemail'],
  ] as const)('a call that comes to %s is told so', async (outcome, disposition) => {
    const outside = await Outside.open();
    outside.world.setOutcome(ADA.phone, outcome);
    const call = await outside.drive((await outside.start()).makeSingleCall(ADA));
    expect(call.disposition).toBe(disposition);
    expect(new Set(askedBecause(outside.dataDir))).toEqual(new Set(['call.reported']));
  });

  test('callbacks that are repeated or overtaken change nothing', async () => {
    const outside = await Outside.open();
    outside.world.planCallbacks([
      { event: 'ringing', fault: { lateMs: 3_000 } },
      { fault: { repeated: 4 } },
    ]);
    const agent = await outside.start();
    expect((await outside.drive(agent.makeSingleCall(ADA))).status).toBe('completed');
    expect(outside.world.callbacks.map(({ event }) => event)).toEqual([
      ...Array<string>(4).fill('answered'),
      'ringing',
      ...Array<string>(4).fill('completed'),
    ]);
    expect(new Set(answersOf(outside))).toEqual(new Set([204]));
    expect(stagesIn(outside.dataDir)).toEqual(['answered', 'ended']);
    expect(askedBecause(outside.dataDir)).toHaveLength(2);
    expect(outside.world.dials).toHaveLength(1);
    expect(
      outside.world.requests.filter(
        ({ method, path: at }) => method === 'POST' && at.endsWith('objects/calls'),
      ),
    ).toHaveLength(1);
    const counts = agent.front?.counts;
    const late = (counts?.get('callback: repeated') ?? 0) + (counts?.get('callback: over') ?? 0);
    expect([counts?.get('callback: news'), late]).toEqual([2, 7]);
    await agent.stop();
    expect(verifyJournal(path.join(outside.dataDir, 'journal'), machines)).toMatchObject({
      ok: true,
    });
  });

  test('callbacks that are lost are made up for by asking now and then', async () => {
    const outside = await Outside.open();
    outside.world.planCallbacks([{ fault: { lost: true } }]);
    const agent = await outside.start();
    expect((await outside.drive(agent.makeSingleCall(ADA))).disposition).toBe('answered');
    expect(askedBecause(outside.dataDir)).toEqual(['timer.fired']);
    const [asked, placed] = ['following', 'inCall'].map(
      (state) => callLines(outside.dataDir).find(({ to }) => to === state)!.at,
    );
    expect(asked! - placed!).toBeGreaterThanOrEqual(30_000);
  });

  test('callbacks that somebody else has signed are refused, told, and no harm', async () => {
    const outside = await Outside.open();
    outside.world.planCallbacks([{ fault: { forged: true } }]);
    const agent = await outside.start();
    expect((await outside.drive(agent.makeSingleCall(ADA))).status).toBe('completed');
    expect(answersOf(outside)).toEqual([403, 403, 403]);
    expect(stagesIn(outside.dataDir)).toEqual([]);
    expect(agent.problems()).toEqual([
      '3 status callbacks were refused, because their signature fits neither PUBLIC_BASE_URL nor TWILIO_AUTH_TOKEN as they are set.',
    ]);
  });

  test('a dial whose answer is lost is known by its callback, and neither looked up nor repeated', async () => {
    const outside = await Outside.open({
      plans: {
        Telephony: [{ match: 'work', times: 1, fault: { reset: true, after: true } }],
      },
    });
    const agent = await outside.start();
    expect((await outside.drive(agent.makeSingleCall(ADA))).disposition).toBe('answered');
    expect(outside.world.dials).toHaveLength(1);
    const lookups = outside.world.requests.filter(
      ({ method, path: at }) => method === 'GET' && at.endsWith('/Calls.json'),
    );
    expect(lookups).toEqual([]);
    const states = callLines(outside.dataDir).map(({ to }) => to);
    expect(states).not.toContain('lookingUp');
  });

  test('neither an address, a number nor a key gets into what is written', async () => {
    const outside = await Outside.open();
    outside.world.planCallbacks([{ event: 'ringing', fault: { forged: true } }]);
    const agent = await outside.start();
    await outside.drive(agent.makeSingleCall(ADA));
    await agent.stop();
    const token = /[\w-]{72}/.exec(
      outside.tunnel.requests.find((it) => it.includes('/audio/'))!,
    )![0];
    const written = writtenIn(outside.dataDir);
    expect(written.length).toBeGreaterThan(1000);
    for (const secret of [
      token,
      outside.tunnel.url,
      '/audio/',
      ADA.phone,
      KEYS.TWILIO_AUTH_TOKEN,
    ]) {
      expect(written.includes(secret), secret.slice(0, 12)).toBe(false);
    }
  });

  test('an address that the provider repeats in an error is masked', async () => {
    const token = 'A1b-'.repeat(18);
    const message = `Cannot play https://calls.example.com/audio/${token}.mp3`;
    const outside = await Outside.open({
      plans: {
        Telephony: [{ fault: { status: 400, body: { code: 21205, message, status: 400 } } }],
      },
    });
    const agent = await outside.start();
    const { error } = await outside.drive(agent.makeSingleCall(ADA));
    expect(error?.message).toContain('https://calls.example.com/audio/***.mp3');
    expect(writtenIn(outside.dataDir)).not.toContain(token);
  });
});

describe('a restart', () => {
  test('settles a call whose callbacks came while nobody was there', async () => {
    const outside = await Outside.open();
    const agent = await outside.start();
    void agent.makeSingleCall(ADA);
    await outside.reaches('inCall');
    await outside.pass(1_000);
    await agent.stop();
    await outside.pass(10_000);
    expect(answersOf(outside)).toEqual([204, 502, 502]);
    await outside.start();
    await outside.reaches('completed');
    expect(callLines(outside.dataDir).at(-1)).toMatchObject({
      to: 'completed',
      context: { result: { disposition: 'answered' } },
    });
    expect(outside.world.dials).toHaveLength(1);
  });

  test('does not make a call mute that was placed before it', async () => {
    const outside = await Outside.open({ callTimings: { answerAfterMs: 100_000 } });
    const agent = await outside.start();
    void agent.makeSingleCall(ADA);
    await outside.reaches('inCall');
    await agent.stop();
    await outside.start();
    await outside.pass(100_000);
    await until(() => outside.world.played.length === 1);
    expect(outside.world.played[0]).toMatchObject({ status: 200, contentType: 'audio/mpeg' });
  });
});

describe('without', () => {
  test('a public address, Twilio speaks the script and is asked every two seconds', async () => {
    const outside = await Outside.open();
    const agent = await outside.start({ PUBLIC_BASE_URL: '' });
    expect(agent.front).toBeNull();
    expect((await outside.drive(agent.makeSingleCall(ADA))).status).toBe('completed');
    expect([outside.world.played, outside.world.callbacks]).toEqual([[], []]);
    expect(new Set(askedBecause(outside.dataDir))).toEqual(new Set(['timer.fired']));
  });

  test('a real voice Twilio speaks the script, for a simulated one is silence; it still tells', async () => {
    const outside = await Outside.open();
    const agent = await outside.start({ ELEVENLABS_API_KEY: '' });
    expect(agent.voice).toBe('Twilio');
    expect((await outside.drive(agent.makeSingleCall(ADA))).status).toBe('completed');
    expect(outside.world.played).toEqual([]);
    expect(outside.world.callbacks).toHaveLength(3);
  });

  test('real telephony nothing is listened on', async () => {
    const outside = await Outside.open();
    const agent = await outside.start({ TWILIO_AUTH_TOKEN: '' });
    expect([agent.front, agent.voice]).toEqual([null, null]);
  });
});

test('nobody is called, and the folder is free again, when the port can’t be had', async () => {
  const outside = await Outside.open();
  const first = await outside.start();
  await first.stop();
  const taken = new URL(outside.tunnel.url).port;
  await expect(outside.start({ PUBLIC_PORT: taken })).rejects.toThrow(/PUBLIC_PORT/);
  const again = await outside.start();
  expect(again.front?.port).toBeGreaterThan(0);
});

test('audio that was erased ends the dial: a call that says nothing helps nobody', async () => {
  const outside = await Outside.open();
  const agent = await outside.start();
  const folder = path.join(outside.dataDir, 'artefacts');
  agent.journal.on('record', ({ actor, to }) => {
    if (actor !== 'call:0001' || to !== 'dialling') return;
    for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.mp3'))) {
      fs.rmSync(path.join(folder, file));
    }
  });
  const { status, error } = await outside.drive(agent.makeSingleCall(ADA));
  expect(status).toBe('failed');
  expect(error?.message).toMatch(/audio is no longer on disk/);
  expect(outside.world.dials).toEqual([]);
});
