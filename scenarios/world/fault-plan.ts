import { checkFault, type Fault, type LatencyFault } from './faults.ts';
import type { RequestKind } from './provider.ts';
import type { Random } from './random.ts';

/** When a fault befalls a request. */
export interface FaultRule {
  readonly fault: Fault;
  /** `all` has the requests that no route knows, too. @default 'all' */
  readonly match?: 'work' | 'health' | 'all';
  /** How many requests it befalls before it is used up. @default Infinity */
  readonly times?: number;
  /** Milliseconds since the world's start, included. @default 0 */
  readonly from?: number;
  /** Milliseconds since the world's start, excluded. @default Infinity */
  readonly until?: number;
  /**
   * How likely it is, from 0 to 1; or how that changes: points in time, since the world's start,
   * with straight lines between them. @default 1
   */
  readonly chance?: number | Timeline;
}

/** In order of time; before the first and after the last point it stays as it is there. */
export type Timeline = readonly (readonly [atMs: number, chance: number])[];

/** What the plan has in store for one request. */
export interface Drawn {
  /** Null: the request is carried out as it should be. */
  readonly fault: Exclude<Fault, LatencyFault> | null;
  /** Milliseconds before the request is carried out. */
  readonly beforeMs: number;
  /** Milliseconds between that and the answer. */
  readonly afterMs: number;
}

interface ArmedRule {
  readonly rule: FaultRule;
  left: number;
}

/**
 * The faults of one service. Rules are asked in order and the first that applies decides; only
 * latency adds up: it applies, and the next rules are asked too.
 */
export class FaultPlan {
  readonly #random: Random;
  #rules: readonly ArmedRule[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * Forgets the old rules, used up or not.
   * @throws RangeError when a rule is out of range
   */
  replace(rules: readonly FaultRule[]): void {
    for (const rule of rules) checkRule(rule);
    this.#rules = rules.map((rule) => ({ rule, left: rule.times ?? Infinity }));
  }

  /** Decides for a request that arrives `elapsedMs` after the world's start. */
  draw(kind: RequestKind, elapsedMs: number): Drawn {
    let beforeMs = 0;
    let afterMs = 0;
    for (const armed of this.#rules) {
      if (!this.#applies(armed, kind, elapsedMs)) continue;
      armed.left -= 1;
      const { fault } = armed.rule;
      if (!('latencyMs' in fault)) return { fault, beforeMs, afterMs };
      if (fault.after) afterMs += fault.latencyMs;
      else beforeMs += fault.latencyMs;
    }
    return { fault: null, beforeMs, afterMs };
  }

  #applies({ rule, left }: ArmedRule, kind: RequestKind, elapsedMs: number): boolean {
    const { match = 'all', from = 0, until = Infinity, chance = 1 } = rule;
    if (left <= 0 || elapsedMs < from || elapsedMs >= until) return false;
    if (match !== 'all' && match !== kind) return false;
    // Drawn last and only when needed: rules that don't apply leave the chances as they were.
    const now = typeof chance === 'number' ? chance : chanceAt(chance, elapsedMs);
    return now >= 1 || this.#random() < now;
  }
}

function chanceAt(timeline: Timeline, elapsedMs: number): number {
  const next = timeline.findIndex(([atMs]) => atMs > elapsedMs);
  const after = timeline.at(next) ?? [0, 0];
  if (next <= 0) return after[1];
  const before = timeline[next - 1] ?? after;
  const share = (elapsedMs - before[0]) / (after[0] - before[0]);
  return before[1] + share * (after[1] - before[1]);
}

function checkRule({
  fault,
  match = 'all',
  times = Infinity,
  from = 0,
  until = Infinity,
  chance = 1,
}: FaultRule): void {
  checkFault(fault);
  if (!['work', 'health', 'all'].includes(match)) {
    throw new RangeError(`match must be work, health or all, got ${match}`);
  }
  if (!(times === Infinity || (Number.isInteger(times) && times >= 1))) {
    throw new RangeError(`times must be a whole number of at least 1 or Infinity, got ${times}`);
  }
  if (!(from >= 0)) throw new RangeError(`from must be at least 0, got ${from}`);
  if (!(until > from)) throw new RangeError(`until must be more than from, got ${until}`);
  checkChance(chance);
}

function checkChance(chance: number | Timeline): void {
  const points = typeof chance === 'number' ? [[0, chance] as const] : chance;
  const bad = points.find(([, value]) => !(value >= 0 && value <= 1));
  if (bad) throw new RangeError(`chance must be from 0 to 1, got ${bad[1]}`);
  const isRising = points.every(([atMs], i) => i === 0 || atMs > (points[i - 1]?.[0] ?? NaN));
  if (points.length === 0 || !isRising) {
    const said = JSON.stringify(points);
    throw new RangeError(`chance must have points in order of time, got ${said}`);
  }
}
