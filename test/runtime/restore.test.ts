import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  problemsOf,
  remade,
  settledAttempts,
  statusesOf,
  waitProblems,
} from '../support/life-checks.ts';
import {
  differsLate,
  folder,
  forget,
  liveOn,
  liveOut,
  type Cut,
  type Life,
  type Story,
} from '../support/lives.ts';
import { chaos, fullDemo, normalCall, outage503, recovery } from '../support/stories.ts';

// Whole campaigns in virtual time: no wait, but work, and other processes want the machine, too.
vi.setConfig({ testTimeout: 120_000 });

async function uncut(story: Story): Promise<Life> {
  const life = await liveOut(story);
  onTestFinished(() => forget(life));
  return life;
}

/** After each `step`th line, and wherever the world is ahead of the journal just before the next. */
function cutsOf(life: Life, step: number): Cut[] {
  return life.records.flatMap(({ seq }) => {
    const at = seq % step === 0 || seq === life.records.length ? [{ seq }] : [];
    return differsLate(life, seq) && seq % Math.ceil(step / 3) === 0
      ? [...at, { seq, late: true }]
      : at;
  });
}

/** Goes on from each cut to the end, and collects what is not as it has to be there. */
async function problemsAt(
  cuts: readonly Cut[],
  story: Story,
  life: Life,
  more: (rest: Life, cut: Cut) => string[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const cut of cuts) {
    const rest = await liveOn(story, life, cut);
    const found = [...problemsOf(rest), ...more(rest, cut)];
    problems.push(...found.map((problem) => `${JSON.stringify(cut)}: ${problem}`));
    forget(rest);
  }
  return problems;
}

const SETTLING = ['LLM', 'ElevenLabs'] as const;

/** What had an answer is not asked for again; what was under way is. */
const askedTwice =
  (life: Life, services: readonly ('LLM' | 'ElevenLabs')[] = SETTLING) =>
  (rest: Life, { seq }: Cut): string[] =>
    services.flatMap((service) => {
      const all = settledAttempts(life.records, service);
      const left = all - settledAttempts(life.records.slice(0, seq), service);
      const asked = rest.requests[service];
      return asked === left ? [] : [`${service} was asked ${asked} times, ${left} were left`];
    });

const sameEnd =
  (life: Life) =>
  (rest: Life): string[] => {
    const [then, now] = [statusesOf(life).join(), statusesOf(rest).join()];
    return then === now ? [] : [`ended ${now} in place of ${then}`];
  };

describe('an agent that was killed after any line of its journal', () => {
  test.for([
    { story: normalCall, step: 1 },
    { story: outage503, step: 1 },
    { story: fullDemo, step: 1 },
  ])(
    'goes on to the same end with $story.name, and asks no provider twice',
    async ({ story, step }) => {
      const life = await uncut(story);
      expect(problemsOf(life)).toEqual([]);
      const found = await problemsAt(cutsOf(life, step), story, life, (rest, cut) => [
        ...sameEnd(life)(rest),
        ...askedTwice(life)(rest, cut),
      ]);
      expect(found).toEqual([]);
    },
  );

  test('goes on to the same end with recovery', async () => {
    const life = await uncut(recovery);
    expect(problemsOf(life)).toEqual([]);
    const found = await problemsAt(cutsOf(life, 8), recovery, life, (rest, cut) => [
      ...sameEnd(life)(rest),
      ...askedTwice(life, ['LLM'])(rest, cut),
    ]);
    expect(found).toEqual([]);
  });

  test.for([
    { story: outage503, downMs: 6_000, step: 2 },
    { story: fullDemo, downMs: 90_000, step: 7 },
    { story: recovery, downMs: 3_600_000, step: 23 },
  ])(
    'loses nobody of $story.name when it comes back $downMs ms later',
    async ({ story, downMs, step }) => {
      const life = await uncut(story);
      const cuts = cutsOf(life, step).map((cut) => ({ ...cut, downMs }));
      expect(await problemsAt(cuts, story, life, () => [])).toEqual([]);
    },
  );

  test.for([1, 5])(
    'accounts for everybody and rings nobody twice when every service fails by chance, seed %i',
    async (seed) => {
      const dir = folder();
      onTestFinished(() => forget({ dir }));
      const story = chaos(dir, seed);
      const life = await uncut(story);
      expect(problemsOf(life)).toEqual([]);
      const cuts = cutsOf(life, 40).map((cut, i) => ({ ...cut, downMs: i % 3 === 0 ? 61_000 : 7 }));
      expect(await problemsAt(cuts, story, life, () => [])).toEqual([]);
    },
  );
});

function seqOf(life: Life, isIt: (record: Life['records'][number]) => boolean): number {
  const found = life.records.find(isIt);
  if (!found) throw new Error('the story has no such line');
  return found.seq;
}

describe('a retry that was planned when the agent was killed', () => {
  test.for([
    { downMs: 1_000, wakes: 'when it was due' },
    { downMs: 4_999, wakes: 'when it was due' },
    { downMs: 5_000, wakes: 'when it was due' },
    { downMs: 5_001, wakes: 'at the restart' },
    { downMs: 60_000, wakes: 'at the restart' },
  ])('goes out $wakes when the agent was away for $downMs ms', async ({ downMs }) => {
    const life = await uncut(outage503);
    const seq = seqOf(life, ({ to }) => to === 'waiting');
    const plannedAt = life.records[seq - 1]?.at ?? 0;
    const rest = await liveOn(outage503, life, { seq, downMs });
    onTestFinished(() => forget(rest));
    const woke = rest.records.find(
      (record) => record.seq > seq && record.from === 'waiting' && record.to === 'attempting',
    );
    expect(woke?.event['at']).toBe(plannedAt + Math.max(5_000, downMs));
  });
});

describe('a circuit breaker that was open when the agent was killed', () => {
  test.for([
    { downMs: 7, wakes: 'when it was due' },
    { downMs: 59_999, wakes: 'when it was due' },
    { downMs: 61_000, wakes: 'at the restart' },
  ])('becomes half-open $wakes after $downMs ms away', async ({ downMs }) => {
    const life = await uncut(recovery);
    const seq = seqOf(life, ({ machine, to }) => machine === 'breaker' && to === 'open');
    const openedAt = life.records[seq - 1]?.at ?? 0;
    const rest = await liveOn(recovery, life, { seq, downMs });
    onTestFinished(() => forget(rest));
    const moved = rest.records.find(
      (record) => record.seq > seq && record.machine === 'breaker' && record.from === 'open',
    );
    expect(moved).toMatchObject({
      event: { type: 'timer.fired', at: openedAt + Math.max(60_000, downMs) },
      to: 'halfOpen',
    });
  });
});

describe('the checks of these tests', () => {
  test('notice a wait that ends early, late or never, and a script that is made twice', async () => {
    const life = await uncut(outage503);
    const index = life.records.findIndex(
      ({ event, machine }) => event.type === 'timer.fired' && machine === 'request',
    );
    const early = life.records.map((record, i) =>
      i === index ? { ...record, event: { ...record.event, at: record.at - 1 } } : record,
    );
    expect(waitProblems({ records: early })).toHaveLength(1);
    const never = life.records.filter(
      ({ seq, actor }) => seq <= index || actor !== 'call:0001/speech',
    );
    expect(waitProblems({ records: never })).toHaveLength(1);
    expect(remade([...life.records, ...life.records])).toEqual(['script of call:0001']);
  });
});
