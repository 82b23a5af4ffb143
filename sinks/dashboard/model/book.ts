import type { JournalRecord } from '../../../store/record.ts';
import type { Figures } from '../../metrics/figures.ts';
import { Metrics } from '../../metrics/projection.ts';
import { Model, type Summary } from './model.ts';

/** What every screen begins with, as plain JSON. */
export interface Page extends Summary {
  readonly metrics: Figures;
}

/** All that is read off the journal for the pages: in the program, and in the browser for a file. */
export class Book {
  readonly model = new Model();
  readonly metrics = new Metrics();

  apply(record: JournalRecord): void {
    this.model.apply(record);
    this.metrics.apply(record);
  }

  /** Plain data that later records don't change. */
  snapshot(): unknown {
    return { model: this.model.snapshot(), metrics: this.metrics.snapshot() };
  }

  /** Makes a new book what the other one was. */
  restore(state: unknown): void {
    const { model, metrics } = state as { model: unknown; metrics: unknown };
    this.model.restore(model);
    this.metrics.restore(metrics);
  }

  page(): Page {
    return { ...this.model.summary(), metrics: this.metrics.figures() };
  }
}
