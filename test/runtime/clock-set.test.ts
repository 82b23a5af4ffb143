import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readFolder } from '../../actors/reading.ts';
import { AICallAgent } from '../../index.ts';
import { openAgent } from '../support/agent.ts';
import { VirtualTime } from '../../scenarios/virtual.ts';
import { VirtualClock } from '../../scenarios/world/virtual-clock.ts';
import { ada } from '../../scenarios/people.ts';
import type { FaultRule } from '../../scenarios/world/fault-plan.ts';
import { EPOCH, temporaryFolder } from '../support/virtual-agent.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface LifeOptions {
  readonly dir: string;
  /** What the computer tells when it begins. */
  readonly wallAt: number;
  /** What time it is for the provider then. */
  readonly reallyAt: number;
  /** The agent's own clock, when it is not the computer's. */
  readonly startAt?: number;
  readonly fault?: FaultRule['fault'];
}

async function live({ dir, wallAt, reallyAt, startAt = wallAt, fault }: LifeOptions) {
  const time = new VirtualTime(wallAt);
  let clock = time.clock;
  const agent = await AICallAgent.start({
    ...time.options({ dataDir: dir, simulateAll: true }),
    makeClock: (notBefore) => {
      const at = Math.max(notBefore, startAt);
      clock = new VirtualClock({ startAt: at, wallAheadMs: wallAt - at });
      return clock;
    },
    env: { LOG_FILE_PATH: path.join(dir, 'log.json') },
    world: {
      listen: false,
      memoryFile: path.join(dir, 'contacts', 'simulated-providers.log'),
      telephonyNow: () => reallyAt + clock.wall() - wallAt,
      ...(fault && { plans: { Telephony: [{ match: 'work', times: 1, fault }] } }),
    },
  });
  onTestFinished(() => agent.stop());
  return { agent, clock };
}

type Skew = Pick<LifeOptions, 'wallAt' | 'reallyAt' | 'startAt'>;

/** Killed while it waits for the answer to a dial; what it leaves behind, with the time it was. */
async function killedWhileDialling(skew: Skew, fault: FaultRule['fault']) {
  const dir = temporaryFolder();
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  const { agent, clock } = await live({ dir, ...skew, fault });
  // Time for a second call, so that the journal goes on a while behind its start.
  await clock.advance(MINUTE);
  void agent.makeSingleCall(ada).catch(() => {});
  let hasDialled = false;
  agent.journal.on('record', ({ actor }) => (hasDialled ||= actor.endsWith('/dial')));
  await clock.runUntil(() => hasDialled);
  await clock.advance(SECOND);
  const left = temporaryFolder();
  onTestFinished(() => fs.rmSync(left, { recursive: true, force: true }));
  const isKept = (file: string): boolean => !/(lock\.\w+(-journal)?|control\.sock)$/.test(file);
  fs.cpSync(dir, left, { recursive: true, filter: isKept });
  return { dir: left, passed: clock.wall() - skew.wallAt };
}

/** What became of the call in the next life, and how often the number has rung. */
async function afterwards(options: LifeOptions) {
  const { agent, clock } = await live(options);
  await clock.advance(10 * MINUTE);
  await agent.flush();
  const memory = path.join(options.dir, 'contacts', 'simulated-providers.log');
  return {
    status: readFolder(options.dir).ledger.get('0001')?.status,
    rang: fs.readFileSync(memory, 'utf8').match(/"call":/g)?.length ?? 0,
  };
}

const placed = { hang: 'headers', after: true } as const;
const lost = { hang: 'headers' } as const;
const DOWN = 20 * SECOND;

describe('a dial that a kill left in doubt', () => {
  test.for([
    ['found, when it was placed', placed],
    ['made, when it was not', lost],
  ] as const)(
    'is %s, although --speed has left the clock of the computer behind',
    async (given) => {
      const [, fault] = given;
      // Twenty-seven minutes of simulated calls before have taken one of the wall's.
      const skew = { wallAt: EPOCH, reallyAt: EPOCH, startAt: EPOCH + 27 * MINUTE };
      const { dir, passed } = await killedWhileDialling(skew, fault);
      const now = EPOCH + passed + DOWN;
      expect(await afterwards({ dir, wallAt: now, reallyAt: now })).toEqual({
        status: 'completed',
        rang: 1,
      });
    },
  );

  test.for([HOUR, -HOUR])('is never made twice when a clock was %i ms ahead', async (aheadMs) => {
    const skew = { wallAt: EPOCH + aheadMs, reallyAt: EPOCH };
    const { dir, passed } = await killedWhileDialling(skew, placed);
    const now = EPOCH + passed + DOWN;
    const { status, rang } = await afterwards({ dir, wallAt: now, reallyAt: now });
    expect(rang).toBe(1);
    expect(status).toBe(aheadMs > 0 ? 'unknown' : 'completed');
  });

  test('is found by a provider whose clock is an hour ahead', async () => {
    const skew = { wallAt: EPOCH, reallyAt: EPOCH + HOUR };
    const { dir, passed } = await killedWhileDialling(skew, placed);
    const now = EPOCH + passed + DOWN;
    expect(await afterwards({ dir, wallAt: now, reallyAt: now + HOUR })).toEqual({
      status: 'completed',
      rang: 1,
    });
  });
});

describe('a second call to a number', () => {
  test('is not taken for the first one, when its answer is lost and it was not placed', async () => {
    const callTimings = { ringAfterMs: 0, answerAfterMs: 0, talkMs: 0 };
    const v = await openAgent({ world: { callTimings } });
    await v.drive(v.agent.makeSingleCall(ada));
    v.agent.world?.plan('Telephony', [{ match: 'work', times: 1, fault: { status: 503 } }]);
    const { status, attempts } = await v.drive(v.agent.makeSingleCall(ada));
    expect(status).toBe('completed');
    expect(attempts['Telephony']).toBe(2);
    expect(v.agent.world?.dials).toHaveLength(2);
  });
});
