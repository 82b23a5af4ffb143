import type { JournalRecord } from '../../store/record.ts';
import type { Sink } from '../sink.ts';
import { Metrics } from './projection.ts';

/** Keeps the metrics of a running agent: what its journal holds from before, and what comes. */
export class MetricsSink implements Sink {
  readonly name = 'metrics';
  readonly metrics = new Metrics();
  readonly version = this.metrics.version;

  prime(record: JournalRecord): void {
    this.metrics.apply(record);
  }

  take(record: JournalRecord): void {
    this.metrics.apply(record);
  }

  snapshot(): unknown {
    return this.metrics.snapshot();
  }

  restore(state: unknown): void {
    this.metrics.restore(state);
  }
}
