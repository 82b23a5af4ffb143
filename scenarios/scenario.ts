import type { AICallAgent, SingleCallResult } from '../index.ts';
import type { ReportedCall } from '../actors/report.ts';
import type { Alert } from '../sinks/alerts.ts';
import type { World, WorldOptions } from './world/world.ts';

/** What a scenario has to work with: an agent whose services are all simulated. */
export interface Stage {
  readonly agent: AICallAgent;
  readonly world: World;
  /** One more sentence for whoever watches. */
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly calls: readonly (ReportedCall | SingleCallResult)[];
  readonly alerts: readonly Alert[];
}

/** A runnable story with a known end. */
export interface Scenario {
  readonly name: string;
  /** One line: what it shows. */
  readonly summary: string;
  /** How it is told: step by step, or one line a contact. */
  readonly view: 'steps' | 'journeys';
  /** Contacts, for the summing up. */
  readonly contacts: number;
  readonly world?: Omit<WorldOptions, 'clock' | 'services'>;
  /** Plays it. @returns the calls it has made */
  run(stage: Stage): Promise<Outcome['calls']>;
  /** @returns what is not as it should be; nothing when all is well */
  check(outcome: Outcome): string[];
}

/** A scenario's expectation, as a sentence when it is not met. */
export function expect(what: string, expected: unknown, found: unknown): string[] {
  const [wanted, got] = [JSON.stringify(expected), JSON.stringify(found)];
  return wanted === got ? [] : [`${what}: expected ${wanted}, found ${got}`];
}
