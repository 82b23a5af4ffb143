import type { AICallAgent } from '../index.ts';
import { UserError } from '../errors.ts';
import { AlertRules, type Alert } from '../sinks/alerts.ts';
import { JourneysSink } from '../sinks/console/journeys.ts';
import { StepsSink } from '../sinks/console/steps.ts';
import type { Sink } from '../sinks/sink.ts';
import type { JournalRecord } from '../store/record.ts';
import type { Outcome, Scenario } from './scenario.ts';

export interface Played extends Outcome {
  readonly scenario: string;
  /** What is not as the scenario promises. */
  readonly problems: readonly string[];
}

/** Keeps every alert's latest state. */
class AlertBook implements Sink {
  readonly name = 'alerts';
  readonly alerts = new Map<string, Alert>();
  readonly #rules = new AlertRules();

  take(record: JournalRecord): void {
    for (const alert of this.#rules.apply(record)) this.alerts.set(alert.key, alert);
  }
}

/** Plays a scenario on an agent that simulates everything, and tells it line by line. */
export async function play(
  scenario: Scenario,
  agent: AICallAgent,
  write: (line: string) => void,
): Promise<Played> {
  const { world } = agent;
  if (!world) throw new UserError('A scenario needs an agent with simulated services.');
  const journeys = new JourneysSink({ write, total: () => scenario.contacts });
  const view = scenario.view === 'journeys' ? journeys : stepsFor(scenario, agent, write);
  const book = new AlertBook();
  const attachments = [view, book].map((sink) => agent.attach(sink));
  try {
    const calls = await scenario.run({ agent, world, say: write });
    await Promise.all(attachments.map((attachment) => attachment.flush()));
    if (scenario.view === 'journeys') write(journeys.result());
    const outcome = { calls, alerts: [...book.alerts.values()] };
    return { scenario: scenario.name, ...outcome, problems: scenario.check(outcome) };
  } finally {
    await Promise.all(attachments.map((attachment) => attachment.detach()));
  }
}

function stepsFor(
  { contacts }: Scenario,
  { artefacts }: AICallAgent,
  write: (line: string) => void,
): StepsSink {
  if (contacts === 1) return new StepsSink({ write, artefacts });
  return new StepsSink({ write, artefacts, label: (corr) => `[${corr.replace('call:', '')}] ` });
}
