import type { CampaignOptions } from '../actors/campaigns.ts';
import type { CampaignReport, ReportedCall } from '../actors/report.ts';
import type { AICallAgent, SingleCallResult } from '../index.ts';
import type { World, WorldOptions } from './world/world.ts';

/** What a scenario has to work with: an agent whose services are all simulated. */
export interface Stage {
  readonly agent: AICallAgent;
  readonly world: World;
  /** The agent's data folder. */
  readonly dataDir: string;
  /** How many times faster than life the agent's clock runs. */
  readonly speed: number;
  /** One more sentence for whoever watches. */
  readonly say: (line: string) => void;
  /** Works through a list, or goes on with it; reading it takes no virtual time. */
  readonly runCampaign: (file: string, options?: CampaignOptions) => Promise<CampaignReport>;
}

type Calls = readonly (ReportedCall | SingleCallResult)[];

/** What a scenario has found out on its way, by name. */
export type Facts = Readonly<Record<string, unknown>>;

/** What a scenario comes back with. */
export interface Ran {
  readonly calls: Calls;
  /** @default {} */
  readonly facts?: Facts;
}

/** An alert of which people were told. */
export interface SeenAlert {
  readonly rule: string;
  readonly severity: 'critical' | 'warning';
  readonly state: 'firing' | 'resolved';
  readonly service: string | null;
  readonly key: string;
}

export interface Outcome {
  readonly calls: Calls;
  readonly alerts: readonly SeenAlert[];
  readonly facts: Facts;
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
  /** One call at a time: its steps need not say whose they are. */
  readonly isOneByOne?: true;
  /** Configuration, laid over the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly world?: Omit<WorldOptions, 'clock' | 'services'>;
  /** It takes too long for any speed: no clock but its own moves it. */
  readonly isVirtual?: true;
  /** It starts processes of its own, which no virtual clock moves. */
  readonly spawns?: true;
  /** Plays it. */
  run(stage: Stage): Promise<Ran>;
  /** @returns what is not as it should be; nothing when all is well */
  check(outcome: Outcome): string[];
}

/** A scenario's expectation, as a sentence when it is not met. */
export function expect(what: string, expected: unknown, found: unknown): string[] {
  const [wanted, got] = [JSON.stringify(expected), JSON.stringify(found)];
  return wanted === got ? [] : [`${what}: expected ${wanted}, found ${got}`];
}

/** The expectation that every contact has come to the same end. */
export function expectAll(status: string, contacts: number, { calls }: Outcome): string[] {
  const statuses = calls.map((call) => call.status);
  return expect(
    'status',
    Array.from({ length: contacts }, () => status),
    statuses,
  );
}

/** Alerts as `rule state`, in order of their rules. */
export const alertsOf = ({ alerts }: Outcome): string[] =>
  alerts.map(({ rule, state }) => `${rule} ${state}`).toSorted();

/** An outage that a slow computer draws out is told as a whole, which holds the breaker's alert back. */
export const isToldAsAWhole = ({ alerts }: Outcome, service: string): boolean =>
  alerts.some((alert) => alert.rule === 'service.down' && alert.service === service);
