import { SERVICES, type ServiceName } from '../../config.ts';
import type { CallOutcome } from '../world/call-progress.ts';
import type { FaultRule } from '../world/fault-plan.ts';
import type { Fault } from '../world/faults.ts';
import { randomFor, type Random } from '../world/random.ts';

/** How a life of the agent ends, when its campaign does not end first. */
export type Ending =
  /** Cut off behind a line; late: just before the next one, when all that it had started was done. */
  | { readonly kind: 'crash'; readonly lines: number; readonly late: boolean }
  /** Stopped by a signal after so many milliseconds. */
  | { readonly kind: 'signal'; readonly afterMs: number };

/** Something that a person asks for in the middle of it. */
export interface Errand {
  readonly afterMs: number;
  readonly type: 'campaign.pause' | 'campaign.resume' | 'reset' | 'isolate' | 'release';
  readonly service: ServiceName;
}

export interface LifePlan {
  readonly ending: Ending;
  /** From the end of the life before; negative when the computer's clock was set back. */
  readonly gapMs: number;
  readonly faults: Readonly<Record<ServiceName, readonly FaultRule[]>>;
  readonly latencyMs: number;
  readonly errands: readonly Errand[];
}

/** All that is left to chance, drawn from one seed. */
export interface Plan {
  readonly seed: number;
  readonly contacts: number;
  readonly concurrency: number;
  readonly env: Readonly<Record<string, string>>;
  /** By contact: what becomes of each call to it. */
  readonly outcomes: readonly CallOutcome[];
  readonly lives: readonly LifePlan[];
  /** The services work, and only the agent crashes, again and again: nobody may fail. */
  readonly isCrashLoop: boolean;
}

/** Of so many seeds, one is a crash loop. */
const CRASH_LOOP_OF = 10;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = randomFor(seed, 'simulation');
  }

  /** From `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  one<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.#random() * choices.length)] ?? choices[0];
  }
}

/** @param seed a whole number */
export function drawPlan(seed: number): Plan {
  const dice = new Dice(seed);
  const contacts = dice.whole(2, 7);
  // Somebody who is busy is waited for up to three hours and a half.
  const isPatient = dice.chance(0.2);
  const outcomes = Array.from({ length: contacts }, () => drawOutcome(dice, isPatient));
  const isCrashLoop = seed % CRASH_LOOP_OF === CRASH_LOOP_OF - 1;
  const lives = isCrashLoop
    ? Array.from({ length: dice.whole(8, 20) }, () => drawShortLife(dice))
    : Array.from({ length: dice.whole(1, 4) }, () => drawLife(dice));
  return {
    seed,
    contacts,
    concurrency: dice.whole(1, 4),
    env: drawEnv(dice, isPatient),
    outcomes,
    lives,
    isCrashLoop,
  };
}

function drawOutcome(dice: Dice, isPatient: boolean): CallOutcome {
  if (!isPatient) return dice.chance(0.9) ? 'answered' : 'voicemail';
  return dice.one(['answered', 'busy', 'no-answer', 'voicemail']);
}

const drawEnv = (dice: Dice, isPatient: boolean): Record<string, string> => ({
  RETRY_MAX_ATTEMPTS: String(dice.whole(0, 3)),
  RETRY_JITTER: dice.one(['none', 'decorrelated']),
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: String(dice.whole(1, 4)),
  CIRCUIT_BREAKER_TIMEOUT: String(dice.whole(20, 120)),
  CIRCUIT_BREAKER_HALF_OPEN_ATTEMPTS: String(dice.whole(1, 2)),
  CIRCUIT_BREAKER_COUNTS: dice.one(['request', 'attempt']),
  HEALTH_CHECK_INTERVAL: String(isPatient ? dice.whole(600, 1200) : dice.whole(30, 120)),
  ...(dice.chance(0.3) && { CALLS_PER_SECOND: '1' }),
});

function drawLife(dice: Dice): LifePlan {
  const faults = Object.fromEntries(
    SERVICES.map((service) => [service, drawFaults(dice, service)]),
  );
  return {
    ending: dice.chance(0.7)
      ? { kind: 'crash', lines: dice.whole(1, 160), late: dice.chance(0.5) }
      : { kind: 'signal', afterMs: dice.whole(1, 10 * MINUTE) },
    gapMs: drawGap(dice),
    faults: faults as Record<ServiceName, FaultRule[]>,
    // With none, requests would be carried out while the clock stands still.
    latencyMs: dice.one([1, 10, 300, 2_000]),
    errands: dice.chance(0.5) ? drawErrands(dice) : [],
  };
}

/** About as many lines as a start and one step of each call take. */
function drawShortLife(dice: Dice): LifePlan {
  const none = Object.fromEntries(SERVICES.map((service) => [service, []]));
  return {
    ending: { kind: 'crash', lines: dice.whole(1, 20), late: dice.chance(0.5) },
    gapMs: dice.whole(0, 5 * SECOND),
    faults: none as unknown as LifePlan['faults'],
    latencyMs: dice.one([1, 300, 2_000]),
    errands: [],
  };
}

function drawGap(dice: Dice): number {
  if (dice.chance(0.2)) return -dice.whole(1, 60 * MINUTE);
  return dice.chance(0.2) ? dice.whole(1, 3 * 60 * MINUTE) : dice.whole(0, 30 * SECOND);
}

function drawFaults(dice: Dice, service: ServiceName): FaultRule[] {
  const rules: FaultRule[] = [];
  if (dice.chance(0.15)) {
    // Down altogether, for as long as it takes to open a breaker and more.
    rules.push({ until: dice.whole(10 * SECOND, 8 * MINUTE), fault: { status: 503 } });
  }
  for (let count = dice.whole(0, 3); count > 0; count--) {
    rules.push({
      match: dice.chance(0.8) ? 'work' : 'all',
      chance: dice.whole(5, 50) / 100,
      times: dice.whole(1, 6),
      fault: drawFault(dice, service),
    });
  }
  return rules;
}

function drawFault(dice: Dice, service: ServiceName): Fault {
  const after = dice.chance(0.5);
  const kind = dice.whole(0, 9);
  if (kind === 0) return { status: 429, retryAfterS: dice.whole(1, 90) };
  if (kind === 1) return { hang: dice.one(['headers', 'body']), after };
  if (kind === 2) return { reset: true, after };
  if (kind === 3) return { cut: true };
  if (kind === 4) return { empty: true, after };
  if (kind === 5) return { json: true, after };
  if (kind === 6) return { latencyMs: dice.whole(100, 40_000), after };
  if (kind === 7 && service === 'ElevenLabs') return { status: 401, code: 'quota_exceeded' };
  if (kind === 8) return { status: 400 };
  return { status: dice.one([500, 502, 503, 504]), after };
}

/** What is begun is ended: a pause by a resume, an isolation by a release. */
function drawErrands(dice: Dice): Errand[] {
  const service = dice.one(SERVICES as unknown as readonly [ServiceName, ...ServiceName[]]);
  const afterMs = dice.whole(0, 60 * SECOND);
  const laterMs = afterMs + dice.whole(1, 3 * MINUTE);
  const [first, second] = dice.one<readonly [Errand['type'], Errand['type']]>([
    ['campaign.pause', 'campaign.resume'],
    ['isolate', 'release'],
    ['reset', 'reset'],
  ]);
  return [
    { afterMs, type: first, service },
    { afterMs: laterMs, type: second, service },
  ];
}
