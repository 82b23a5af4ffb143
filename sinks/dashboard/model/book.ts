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

  page(): Page {
    return { ...this.model.summary(), metrics: this.metrics.figures() };
  }
}
