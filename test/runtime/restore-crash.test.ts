import fs from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JournalRecord } from '../../store/record.ts';
import { replayJournal } from '../../store/replay.ts';
import { contactProblems, problemsOf, statusesOf } from '../support/life-checks.ts';
import {
  cutOff,
  forget,
  liveOn,
  liveOut,
  type Cut,
  type Life,
  type Story,
} from '../support/lives.ts';
import { fullDemo, list, normalCall, outage503, recovery } from '../support/stories.ts';
import { journalFile, startVirtualAgent } from '../support/virtual-agent.ts';

// Whole campaigns in virtual time: no wait, but work, and other processes want the machine, too.
vi.setConfig({ testTimeout: 120_000 });

async function uncut(story: Story): Promise<Life> {
  const life = await liveOut(story);
  onTestFinished(() => forget(life));
  return life;
}

async function restOf(story: Story, life: Life, cut: Cut): Promise<Life> {
  const rest = await liveOn(story, life, cut);
  onTestFinished(() => forget(rest));
  expect(problemsOf(rest)).toEqual([]);
  return rest;
}

function seqOf({ records }: Life, isIt: (record: JournalRecord) => boolean): number {
  const found = records.find(isIt);
  if (!found) throw new Error('the story has no such line');
  return found.seq;
}

const after = ({ records }: Life, seq: number): readonly JournalRecord[] =>
  records.filter((record) => record.seq > seq);

const brief = ({ actor, event, to }: JournalRecord): string => `${actor} ${event.type} → ${to}`;

describe('a crash right after the line that ends a request', () => {
  const endOf = (life: Life): number =>
    seqOf(life, ({ actor, to }) => actor === 'call:0001/speech' && to === 'failed');

  test('lets the breaker hear of it first thing at the next start, once', async () => {
    const life = await uncut(outage503);
    const seq = endOf(life);
    const rest = await restOf(outage503, life, { seq });
    expect(after(rest, seq).slice(0, 2).map(brief)).toEqual([
      'breaker:ElevenLabs request.failed → closed',
      'call:0001 xstate.done.actor.speech → failed',
    ]);
    const told = rest.records.filter(({ event }) => event.type === 'request.failed');
    expect(told).toHaveLength(1);
    const { actors } = replayJournal(`${rest.dir}/journal`);
    expect(actors['breaker:ElevenLabs']?.context['failures']).toBe(1);
  });

  test('does not let the breaker hear of it again when it had heard', async () => {
    const life = await uncut(outage503);
    const rest = await restOf(outage503, life, { seq: endOf(life) + 1 });
    const told = rest.records.filter(({ event }) => event.type === 'request.failed');
    expect(told).toHaveLength(1);
  });

  test('hands the result to the call, which goes on with its next step', async () => {
    const life = await uncut(normalCall);
    const seq = seqOf(life, ({ actor, to }) => actor.endsWith('/script') && to === 'succeeded');
    const rest = await restOf(normalCall, life, { seq });
    expect(after(rest, seq).slice(0, 2).map(brief)).toEqual([
      'call:0001 xstate.done.actor.script → speaking',
      'call:0001/speech xstate.init → attempting',
    ]);
    expect(rest.requests).toMatchObject({ LLM: 0, ElevenLabs: 1 });
    expect(statusesOf(rest)).toEqual(['completed']);
  });

  test('lets the breaker hear the last failure that opens it', async () => {
    const life = await uncut(recovery);
    const opened = seqOf(life, ({ machine, to }) => machine === 'breaker' && to === 'open');
    const rest = await restOf(recovery, life, { seq: opened - 1 });
    expect(
      after(rest, opened - 1)
        .slice(0, 1)
        .map(brief),
    ).toEqual(['breaker:ElevenLabs request.failed → open']);
  });
});

describe('a crash between a line and the birth that it causes', () => {
  test('writes the birth at the next start, and the request goes out once', async () => {
    const life = await uncut(normalCall);
    const seq = seqOf(life, ({ event }) => event.type === 'call.begin');
    const rest = await restOf(normalCall, life, { seq });
    expect(after(rest, seq).slice(0, 1).map(brief)).toEqual([
      'call:0001/script xstate.init → attempting',
    ]);
    expect(rest.requests.LLM).toBe(1);
  });
});

describe('a crash while a number is being dialled', () => {
  const dialOf = (life: Life): number =>
    seqOf(life, ({ actor, from }) => actor.endsWith('/dial') && from === null);

  test.for([
    { late: true, what: 'finds the call that was placed, and goes on with it', dials: 1 },
    { late: false, what: 'finds none when it had not been placed, and dials', dials: 2 },
  ])('$what', async ({ late, dials }) => {
    const life = await uncut(normalCall);
    const seq = dialOf(life);
    const rest = await restOf(normalCall, life, { seq, late });
    const lines = after(rest, seq).map(brief);
    expect(lines).toContain('call:0001/dial resumed → unsettled');
    expect(lines.filter((line) => line === 'call:0001/dial xstate.init → attempting')).toHaveLength(
      dials - 1,
    );
    const births = rest.records.filter(
      ({ actor, from }) => actor.endsWith('/dial') && from === null,
    );
    expect(births).toHaveLength(dials);
    const memory = fs.readFileSync(`${rest.dir}/contacts/simulated-providers.log`, 'utf8');
    expect(memory.match(/"call"/g)).toHaveLength(1);
    expect(statusesOf(rest)).toEqual(['completed']);
  });

  test('uses nobody up, however often it happens', async () => {
    let life = await uncut(normalCall);
    for (let crash = 0; crash < 6; crash++) {
      const births = life.records.filter(
        ({ actor, from }) => actor.endsWith('/dial') && from === null,
      );
      life = await restOf(normalCall, life, { seq: births.at(-1)?.seq ?? 0, marked: true });
    }
    expect(statusesOf(life)).toEqual(['completed']);
    const resumed = life.records.filter(
      ({ actor, event }) => actor.endsWith('/dial') && event.type === 'resumed',
    );
    expect(resumed).toHaveLength(6);
  });

  test('waits for the settle delay before it looks the call up', async () => {
    const life = await uncut(normalCall);
    const rest = await restOf(normalCall, life, { seq: dialOf(life), late: true, downMs: 1_000 });
    const lookup = rest.records.find(
      ({ actor, from }) => actor.endsWith('/lookup') && from === null,
    );
    expect(lookup?.at).toBe(rest.startedAt + 5_000);
  });
});

describe('a crash while a half-open breaker has its probe out', () => {
  test('frees the probe under a new generation, and one goes out again', async () => {
    const life = await uncut(recovery);
    const seq = seqOf(life, ({ event }) => event.type === 'probe.claimed');
    const before = replayJournal(`${life.dir}/journal`, { seq }).actors['breaker:ElevenLabs'];
    const rest = await restOf(recovery, life, { seq });
    const freed = after(rest, seq).find(({ actor }) => actor === 'breaker:ElevenLabs');
    expect(freed).toMatchObject({
      event: { type: 'resumed' },
      to: 'halfOpen',
      context: {
        generation: Number(before?.context['generation']) + 1,
        probes: [],
        dueAt: null,
      },
    });
    const claims = after(rest, seq).filter(({ event }) => event.type === 'probe.claimed');
    expect(claims[0]?.event['by']).toBe(life.records[seq - 1]?.event['by']);
    expect(statusesOf(rest)).toEqual(statusesOf(life));
  });
});

describe('an agent that is killed again while it starts', () => {
  test.for([
    {
      story: fullDemo,
      isIt: ({ actor, from }: JournalRecord) => /0002.dial$/.test(actor) && !from,
    },
    { story: recovery, isIt: ({ event }: JournalRecord) => event.type === 'probe.claimed' },
    { story: outage503, isIt: ({ to }: JournalRecord) => to === 'failed' },
  ])('goes on to the same end, after any line of the start of $story.name', async (given) => {
    const { story, isIt } = given;
    const life = await uncut(story);
    const seq = seqOf(life, isIt);
    const second = await restOf(story, life, { seq, late: true, marked: true });
    const started = after(second, seq).find(({ event }) => event.type === 'agent.started');
    const problems: string[] = [];
    const end = Math.min((started?.seq ?? 0) + 2, second.records.length);
    for (let last = seq + 1; last <= end; last++) {
      const third = await liveOn(story, second, { seq: last, downMs: 3 });
      const same = statusesOf(third).join() === statusesOf(life).join();
      problems.push(
        ...problemsOf(third),
        ...(same ? [] : [`${last}: ${statusesOf(third).join()}`]),
      );
      forget(third);
    }
    expect(problems).toEqual([]);
  });
});

describe('a crash in the middle of a line', () => {
  test('cuts the torn line off and goes on as if it had not been begun', async () => {
    const life = await uncut(normalCall);
    const seq = seqOf(life, ({ actor, to }) => actor.endsWith('/script') && to === 'succeeded');
    const dir = cutOff(life, { seq });
    onTestFinished(() => forget({ dir }));
    fs.truncateSync(journalFile(dir), fs.statSync(journalFile(dir)).size - 20);
    const startAt = (life.records[seq - 1]?.at ?? 0) + 7;
    const v = await startVirtualAgent({ simulateAll: true, dataDir: dir, startAt });
    onTestFinished(() => v.agent.stop());
    expect(v.agent.journal.recoveredBytes).toBeGreaterThan(0);
    let isOver = false;
    v.agent.journal.on('record', ({ actor, done }) => (isOver ||= actor === 'call:0001' && !!done));
    await v.clock.runUntil(() => isOver);
    expect(v.agent.world?.counts.LLM?.work).toBe(1);
    expect(problemsOf({ ...life, dir, records: [] })).toEqual([]);
  });
});

describe('a crash between the last call’s end and its campaign’s', () => {
  test('lets the campaign end by itself at the next start', async () => {
    const life = await uncut(fullDemo);
    const seq = seqOf(life, ({ actor, to }) => actor === 'call:0003/record' && to === 'succeeded');
    const rest = await restOf(fullDemo, life, { seq });
    expect(statusesOf(rest)).toEqual(statusesOf(life));
  });

  test.for([
    ['before the campaign’s end', (r: JournalRecord) => /0003.record$/.test(r.actor) && !!r.done],
    ['right after it', ({ machine, done }: JournalRecord) => machine === 'campaign' && !!done],
  ] as const)('does not have the same command call everybody again: %s', async ([, isIt]) => {
    const life = await uncut(fullDemo);
    const seq = seqOf(life, isIt);
    const story: Story = {
      ...fullDemo,
      goOn: (agent) => agent.campaigns.open(list('three'), { concurrency: 1 }),
    };
    const rest = await liveOn(story, life, { seq });
    onTestFinished(() => forget(rest));
    expect(contactProblems(rest)).toEqual([]);
  });
});
