import type { Config } from '../config.ts';
import type { Artefacts } from '../store/artefacts.ts';
import { FileSink } from './file.ts';
import type { Level } from './level.ts';
import { MetricsSink } from './metrics/sink.ts';
import { sheetsSinkOf } from './sheets/make.ts';
import type { Sink } from './sink.ts';

/** What a reader of one's own is made with. */
export interface Surroundings {
  readonly artefacts: Artefacts;
  /** `LOG_LEVEL`. */
  readonly level: Level;
}

/** The readers that the configuration asks for, whatever the agent is started for. */
export interface Standing {
  readonly sinks: readonly Sink[];
  /** Null when nobody is to be served. */
  readonly metrics: MetricsSink | null;
}

/** @throws UserError when something is set in part, or wrong */
export async function standingSinks(config: Config): Promise<Standing> {
  const file = new FileSink(config.LOG_FILE_PATH, {
    level: config.LOG_LEVEL,
    maxBytes: config.LOG_MAX_MB * 2 ** 20,
    maxDays: config.LOG_MAX_DAYS,
    maxFiles: config.LOG_MAX_FILES,
  });
  const metrics = config.METRICS_PORT === undefined ? null : new MetricsSink();
  const sheets = sheetsSinkOf(config);
  const tracing = config.TRACING === 'on' ? await makeTracing() : null;
  return { sinks: [file, metrics, sheets, tracing].filter((sink) => sink !== null), metrics };
}

/** Whoever does not trace is not to wait for OpenTelemetry at each start. */
async function makeTracing(): Promise<Sink> {
  const { TracingSink } = await import('./tracing.ts');
  return new TracingSink();
}
