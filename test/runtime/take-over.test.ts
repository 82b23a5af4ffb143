import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/registry.ts';
import { resetOffline } from '../../runtime/offline.ts';
import type { Logic } from '../../store/fold.ts';
import type { JournalRecord } from '../../store/record.ts';
import { replayJournal } from '../../store/replay.ts';
import { verifyJournal, type Verification } from '../../store/verify.ts';
import { forge, type Stamped } from '../store/support.ts';
import type { AgentOptions } from '../../index.ts';
import { dataFolder, journalOf, openAgent } from '../support/agent.ts';
import { always, listOf } from '../support/campaigns.ts';
import { cutBehind } from '../support/cut-journal.ts';
import { TestChannel } from '../support/test-channel.ts';
import { downgrade, longLived, upgrade } from '../support/upgrade.ts';
import type { VirtualAgent } from '../support/virtual-agent.ts';

const SECOND = 1_000;
interface Story {
  readonly dir: string;
  readonly stoppedAt: number;
  readonly retryAt: number;
  readonly campaign: string;
  /** What had arrived. */
  readonly told: readonly string[];
  readonly records: readonly JournalRecord[];
}

const elevenLabs = ({ agent }: VirtualAgent) => agent.status().services['ElevenLabs'];

/** Its campaign is to go on. */
const goesOnWith = { campaign: null };

async function open(
  channel: TestChannel,
  more: Pick<AgentOptions, 'dataDir' | 'goesOnWith'> & { startAt?: number; isDown?: boolean } = {},
): Promise<VirtualAgent> {
  const { isDown = false, ...options } = more;
  return openAgent({
    channels: [channel],
    onUnheard: () => {},
    healthChecks: true,
    world: { plans: isDown ? { ElevenLabs: always({ status: 503 }) } : {} },
    ...options,
  });
}

/** A campaign is held by a breaker that has opened; people were told, and something is silenced. */
async function outage(): Promise<Story> {
  const mail = new TestChannel();
  const v = await open(mail, { isDown: true });
  const campaign = await v.agent.campaigns.open(listOf(6), { concurrency: 1 });
  await v.clock.runUntil(() => elevenLabs(v)?.breaker === 'OPEN');
  await v.clock.advance(5 * SECOND);
  const quiet = { match: ['CRM'], durationMs: 3_600_000, by: 'test' };
  v.agent.command({ type: 'alerts.silence', ...quiet });
  expect(mail.told.length).toBeGreaterThan(0);
  const retryAt = Date.parse(elevenLabs(v)?.retryAt ?? '');
  await v.agent.stop();
  return {
    dir: v.dir,
    stoppedAt: v.clock.now(),
    retryAt,
    campaign,
    told: mail.told,
    records: journalOf(v),
  };
}

const verified = (dir: string): Verification =>
  verifyJournal(path.join(dir, 'journal'), machines as unknown as Logic);

const takenOver = (v: VirtualAgent): JournalRecord[] =>
  journalOf(v).filter(({ event }) => event.type === 'migrated');

/** Everything but which definition the lines were written by. */
const livesIn = (v: VirtualAgent): object => {
  const { actors } = replayJournal(path.join(v.dir, 'journal'));
  return Object.fromEntries(
    Object.entries(actors).filter(([id]) => /^(breaker|alert|silence|campaign):/.test(id)),
  );
};

describe('a start whose machines have one more state and event', () => {
  test('keeps an open breaker open for the time that remains, and goes on with all', async () => {
    const { dir, stoppedAt, retryAt, campaign } = await outage();
    upgrade(...longLived);
    const v = await open(new TestChannel(), {
      dataDir: dir,
      goesOnWith,
      startAt: stoppedAt + 10 * SECOND,
    });
    const until = new Date(retryAt).toISOString();
    expect(elevenLabs(v)).toMatchObject({ breaker: 'OPEN', retryAt: until, failures: 3 });
    expect(new Set(takenOver(v).map(({ machine }) => machine))).toEqual(new Set(longLived));
    await v.clock.advance(retryAt - v.clock.now() - 1);
    expect(elevenLabs(v)?.breaker).toBe('OPEN');
    await v.clock.advance(1);
    expect(elevenLabs(v)?.breaker).not.toBe('OPEN');
    await v.drive(v.agent.campaigns.ended(campaign));
    expect(v.agent.campaigns.report(campaign)).toMatchObject({ state: 'done' });
    await v.agent.stop();
    expect(verified(dir)).toMatchObject({ ok: true, firstDifference: null });
    expect(verified(dir).earlier).toBeGreaterThan(20);
  });

  test('leaves breakers, alerts, silences and campaigns what their lines say', async () => {
    const { dir, stoppedAt, records } = await outage();
    const before = livesIn({ dir } as VirtualAgent);
    upgrade(...longLived);
    const v = await open(new TestChannel(), {
      dataDir: dir,
      goesOnWith,
      startAt: stoppedAt + SECOND,
    });
    await v.agent.stop();
    const last = takenOver(v).at(-1)?.seq ?? 0;
    const { actors } = replayJournal(path.join(dir, 'journal'), { seq: last });
    expect(last).toBeGreaterThan(records.length);
    expect(actors).toMatchObject(before);
    // By the line alone nothing has moved, so no reader tells anybody of it.
    for (const { from, to, context } of takenOver(v)) {
      expect([to, context]).toEqual([from, undefined]);
    }
  });

  test('tells people what any start would have told them, and nothing twice', async () => {
    const { dir, stoppedAt, told } = await outage();
    const other = dataFolder();
    fs.cpSync(dir, other, { recursive: true });
    const [mail, control] = [new TestChannel(), new TestChannel()];
    for (const [channel, dataDir] of [
      [control, other],
      [mail, dir],
    ] as const) {
      if (channel === mail) upgrade(...longLived);
      const v = await open(channel, { dataDir, goesOnWith, startAt: stoppedAt + SECOND });
      await v.clock.advance(SECOND);
      expect(channel.told).toEqual([]);
      await v.clock.advance(20 * 60 * SECOND);
      await v.agent.stop();
    }
    expect(mail.told).toEqual(control.told);
    for (const text of told) expect(mail.told).toContain(text.replace('raised', 'resolved'));
  });

  test('takes over once: the next start goes on as any other', async () => {
    const { dir, stoppedAt } = await outage();
    upgrade(...longLived);
    const startAt = stoppedAt + SECOND;
    await (await open(new TestChannel(), { dataDir: dir, startAt })).agent.stop();
    const v = await open(new TestChannel(), { dataDir: dir, startAt: startAt + SECOND });
    await v.agent.stop();
    const roots = takenOver(v).map(({ actor }) => actor);
    expect(roots).toHaveLength(new Set(roots).size);
    expect(verified(dir)).toMatchObject({ ok: true });
  });

  test('takes over only whose machine is another', async () => {
    const { dir, stoppedAt } = await outage();
    upgrade('health');
    const v = await open(new TestChannel(), { dataDir: dir, startAt: stoppedAt + SECOND });
    await v.agent.stop();
    expect(takenOver(v).map(({ machine }) => machine)).toEqual(Array(4).fill('health'));
    expect(verified(dir)).toMatchObject({ ok: true });
  });

  test('that was cut off behind any line of it is made up for by the next', async () => {
    const { dir, stoppedAt, retryAt } = await outage();
    upgrade(...longLived);
    const startAt = stoppedAt + SECOND;
    const first = await open(new TestChannel(), { dataDir: dir, startAt });
    await first.agent.stop();
    const lines = takenOver(first);
    expect(lines.length).toBeGreaterThan(10);
    for (const { seq } of lines.filter((_, index) => index % 4 === 0)) {
      const cut = cutBehind(dir, seq);
      const v = await open(new TestChannel(), { dataDir: cut, startAt: startAt + SECOND });
      expect(Date.parse(elevenLabs(v)?.retryAt ?? '')).toBe(retryAt);
      await v.agent.stop();
      expect(takenOver(v)).toHaveLength(lines.length);
      expect(verified(cut)).toMatchObject({ ok: true });
    }
  });

  test('can be followed by one of the version before', async () => {
    const { dir, stoppedAt, retryAt } = await outage();
    upgrade(...longLived);
    const startAt = stoppedAt + SECOND;
    await (await open(new TestChannel(), { dataDir: dir, startAt })).agent.stop();
    downgrade();
    const v = await open(new TestChannel(), { dataDir: dir, startAt: startAt + SECOND });
    expect(Date.parse(elevenLabs(v)?.retryAt ?? '')).toBe(retryAt);
    await v.agent.stop();
    expect(verified(dir)).toMatchObject({ ok: true });
    upgrade(...longLived);
    expect(verified(dir).firstDifference?.reason).toMatch(/^The definition of .* has changed/);
  });

  test('does not mind what a version in between has made of an actor', async () => {
    const { dir, stoppedAt, retryAt } = await outage();
    upgrade('breaker');
    const startAt = stoppedAt + SECOND;
    await (await open(new TestChannel(), { dataDir: dir, startAt })).agent.stop();
    downgrade();
    const second = await open(new TestChannel(), { dataDir: dir, startAt: startAt + SECOND });
    await second.agent.stop();
    // Of a state that the machine of today does not have.
    const taken = takenOver(second).filter(({ actor }) => actor === 'breaker:ElevenLabs');
    forge(path.join(dir, 'journal'), (lines) =>
      lines.map((line, index) =>
        index + 1 === taken[0]?.seq
          ? { ...line, to: 'resting', event: { ...line.event, state: 'resting' } }
          : line,
      ),
    );
    const v = await open(new TestChannel(), { dataDir: dir, startAt: startAt + 2 * SECOND });
    expect(Date.parse(elevenLabs(v)?.retryAt ?? '')).toBe(retryAt);
  });

  test('is refused while a call of another call machine is under way', async () => {
    const v = await open(new TestChannel(), { isDown: true });
    await v.agent.campaigns.open(listOf(1), { concurrency: 1 });
    await v.clock.advance(SECOND);
    await v.agent.stop();
    const before = journalOf(v).length;
    const again = { dataDir: v.dir, startAt: v.clock.now() + SECOND };
    upgrade('call', 'breaker');
    await expect(open(new TestChannel(), again)).rejects.toThrow(
      'The call machine has changed since this journal was written',
    );
    downgrade();
    // Its workers are calling somebody.
    upgrade('campaign');
    await expect(open(new TestChannel(), again)).rejects.toThrow(
      'The campaign machine has changed',
    );
    expect(journalOf(v)).toHaveLength(before);
  });
});

test('a breaker can be reset offline by another version, which takes it over', async () => {
  const { dir } = await outage();
  upgrade('breaker');
  resetOffline(dir, ['ElevenLabs'], 'test');
  const { actors } = replayJournal(path.join(dir, 'journal'));
  expect(actors['breaker:ElevenLabs']?.state).toBe('closed');
  const lines = journalOf({ dir } as VirtualAgent).filter(({ event }) => event.type === 'migrated');
  expect(lines.map(({ actor }) => actor)).toContain('breaker:ElevenLabs');
});

describe('verify', () => {
  /** A journal in which a later version has taken over, as somebody has changed it. */
  async function forged(edit: (line: Stamped) => Stamped): Promise<Verification> {
    const { dir, stoppedAt } = await outage();
    upgrade('breaker');
    const startAt = stoppedAt + SECOND;
    await (await open(new TestChannel(), { dataDir: dir, startAt })).agent.stop();
    forge(path.join(dir, 'journal'), (lines) => lines.map(edit));
    return verified(dir);
  }
  const isOpenBreaker = ({ actor, event }: Stamped): boolean =>
    actor === 'breaker:ElevenLabs' && event.type === 'migrated';

  test('finds an open breaker that was taken over as a closed one', async () => {
    const { firstDifference } = await forged((line) =>
      isOpenBreaker(line)
        ? { ...line, to: 'closed', event: { ...line.event, state: 'closed' } }
        : line,
    );
    expect(firstDifference).toMatchObject({
      actor: 'breaker:ElevenLabs',
      expected: { from: 'open', to: 'open' },
      found: { from: 'open', to: 'closed' },
    });
  });

  test('finds a line of an earlier version that does not follow from the one before', async () => {
    const { firstDifference } = await forged((line) =>
      line.actor === 'breaker:ElevenLabs' && line.to === 'open' && line.from === 'closed'
        ? { ...line, from: 'halfOpen' }
        : line,
    );
    expect(firstDifference).toMatchObject({
      actor: 'breaker:ElevenLabs',
      reason: 'The line before it has left this actor closed',
    });
  });
});
