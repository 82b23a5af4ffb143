import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';
import type { Attachment } from '../sink.ts';
import { families, type Family, type FamilyKey } from './families.ts';
import type { Metrics } from './projection.ts';
import type { Sample, Tally } from './tally.ts';

/** What only a running program knows, beside what its journal says. */
export interface Live {
  readonly sinks: () => readonly Pick<
    Attachment,
    'name' | 'queued' | 'behind' | 'dropped' | 'failed'
  >[];
  /** What became of chat messages, by outcome. @default none */
  readonly chat?: () => { readonly [outcome: string]: number };
}

type Sink = ReturnType<Live['sinks']>[number];

const ofSinks: { readonly [key in FamilyKey]?: (sink: Sink) => number } = {
  sinkQueue: ({ queued }) => queued,
  sinkBehind: ({ behind }) => behind,
  sinkDropped: ({ dropped }) => dropped,
  sinkFailed: ({ failed }) => failed,
};

/** `prom-client` asks a metric for its values when it is scraped; ours are the journal's. */
function metricOf(family: Family, samples: () => Sample[]): Metric {
  const { name, help, type } = family;
  const get = (): Promise<unknown> =>
    Promise.resolve({ name, help, type, values: samples(), aggregator: 'sum' });
  return { name, help, type, get, reset: () => {} } as unknown as Metric;
}

function samplesOf(key: FamilyKey, tally: Tally, { sinks, chat }: Live): () => Sample[] {
  const value = ofSinks[key];
  if (value) {
    return () => sinks().map((sink) => ({ labels: { sink: sink.name }, value: value(sink) }));
  }
  if (key !== 'chatMessages') return () => tally.samples(key);
  return () =>
    Object.entries(chat?.() ?? {}).map(([outcome, times]) => ({
      labels: { outcome },
      value: times,
    }));
}

/**
 * The registry behind `/metrics`: a projection of the journal, and gauges of the running program.
 * @param isWithProcess also memory, CPU and event loop of this process; they are watched from then on
 */
export function registryOf(
  { tally }: { readonly tally: Tally } | Metrics,
  live: Live,
  isWithProcess = false,
): Registry {
  const registry = new Registry();
  for (const [key, family] of Object.entries(families) as [FamilyKey, Family][]) {
    registry.registerMetric(metricOf(family, samplesOf(key, tally, live)));
  }
  if (isWithProcess) collectDefaultMetrics({ register: registry });
  return registry;
}
