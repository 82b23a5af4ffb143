import type { JournalRecord } from '../../store/record.ts';
import { Reader } from '../reading.ts';
import type { Sink } from '../sink.ts';

/** A sink that tells what happens, and remembers nothing but what its reader does. */
export abstract class ReadingSink implements Sink {
  abstract readonly name: string;
  protected readonly reader = new Reader();

  abstract take(record: JournalRecord): void;

  prime(record: JournalRecord): void {
    this.reader.read(record);
  }

  snapshot(): unknown {
    return this.reader.snapshot();
  }

  restore(state: unknown): void {
    this.reader.restore(state);
  }
}
