import type { AICallAgent } from '../index.ts';
import { UserError } from '../errors.ts';
import { Book } from '../sinks/alerts/book.ts';
import { JourneysSink } from '../sinks/console/journeys.ts';
import { StepsSink } from '../sinks/console/steps.ts';
import type { Sink } from '../sinks/sink.ts';
import type { JournalRecord } from '../store/record.ts';
import type { Outcome, Scenario, SeenAlert, Stage } from './scenario.ts';
import { VirtualClock } from './world/virtual-clock.ts';

export interface Played extends Outcome {
  readonly scenario: string;
  /** What is not as the scenario promises. */
  readonly problems: readonly string[];
}

/** Where the agent plays, for scenarios that go beyond it. */
export type Place = Pick<Stage, 'dataDir' | 'speed'>;

/** The alerts that people are told of from now on. */
class AlertBook implements Sink {
  readonly name = 'seen alerts';
  readonly #book = new Book();

  take(record: JournalRecord): void {
    this.#book.apply(record);
  }

  /** Those that began here, and of which people were told. */
  alerts(): SeenAlert[] {
    return [...this.#book.incidents.values()]
      .filter(({ n, key }) => n > 0 && key !== '')
      .map(({ rule, severity, service, key, resolvedAt }) => {
        return { rule, severity, state: resolvedAt === null ? 'firing' : 'resolved', service, key };
      });
  }
}

/** Plays a scenario on an agent that simulates everything, and tells it line by line. */
export async function play(
  scenario: Scenario,
  agent: AICallAgent,
  write: (line: string) => void,
  { dataDir, speed }: Place = { dataDir: 'data/scenarios', speed: 1 },
): Promise<Played> {
  const { world } = agent;
  if (!world) throw new UserError('A scenario needs an agent with simulated services.');
  const journeys = new JourneysSink({ write, total: () => scenario.contacts });
  const view = scenario.view === 'journeys' ? journeys : stepsFor(scenario, agent, write);
  const book = new AlertBook();
  const attachments = [view, book].map((sink) => agent.attach(sink));
  // What the first ones decide is told by the last ones.
  const told = async (): Promise<void> => {
    await agent.flush();
    await Promise.all(attachments.map((sink) => sink.flush()));
  };
  const runCampaign = campaignRunner(agent, told);
  try {
    const ran = await scenario.run({ agent, world, dataDir, speed, say: write, runCampaign });
    await told();
    if (scenario.view === 'journeys') write(journeys.result());
    const outcome = { facts: {}, ...ran, alerts: book.alerts() };
    return { scenario: scenario.name, ...outcome, problems: scenario.check(outcome) };
  } finally {
    await Promise.all(attachments.map((attachment) => attachment.detach()));
  }
}

/** @param told resolves when everything that has happened so far is told */
const campaignRunner =
  ({ campaigns, clock }: AICallAgent, told: () => Promise<unknown>): Stage['runCampaign'] =>
  async (file, options) => {
    const opening = campaigns.open(file, { again: true, ...options });
    const campaign = await (clock instanceof VirtualClock ? clock.hold(opening) : opening);
    await campaigns.ended(campaign);
    await told();
    return campaigns.report(campaign);
  };

function stepsFor(
  { contacts, isOneByOne }: Scenario,
  { artefacts }: AICallAgent,
  write: (line: string) => void,
): StepsSink {
  if (contacts === 1 || isOneByOne === true) return new StepsSink({ write, artefacts });
  return new StepsSink({ write, artefacts, label: (corr) => `[${corr.replace('call:', '')}] ` });
}
