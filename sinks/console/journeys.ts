import type { JournalRecord } from '../../store/record.ts';
import type { Happening } from '../reading.ts';
import { ReadingSink } from './reading-sink.ts';
import { shortDuration, shortFailure } from './text.ts';

export interface JourneysOptions {
  readonly write: (line: string) => void;
  /** How many contacts there are: the last one has no next. */
  readonly total: () => number;
}

interface Journey {
  readonly number: number;
  readonly parts: string[];
}

/** One line a contact: everything that happened to it, from its first try to its end. */
export class JourneysSink extends ReadingSink {
  readonly name = 'journeys';
  readonly #options: JourneysOptions;
  readonly #journeys = new Map<string, Journey>();
  /** Services whose last request failed. */
  readonly #failing = new Set<string>();
  #succeeded = 0;
  #ended = 0;
  #begun = 0;

  constructor(options: JourneysOptions) {
    super();
    this.#options = options;
  }

  take(record: JournalRecord): void {
    const happenings = this.reader.read(record);
    if (record.corr === undefined) return;
    const journey = this.#journeys.get(record.corr) ?? { number: ++this.#begun, parts: [] };
    this.#journeys.set(record.corr, journey);
    for (const happening of happenings) {
      this.#follow(journey, happening);
      if (happening.type !== 'call.ended' || happening.result.status === 'deferred') continue;
      this.#end(journey, happening);
      this.#journeys.delete(record.corr);
    }
  }

  /** The line that sums up. */
  result(): string {
    const total = this.#options.total();
    const rate = total === 0 ? 0 : Math.floor((this.#succeeded / total) * 100);
    return `Result: ${this.#succeeded}/${total} contacts processed (${rate}% success rate)`;
  }

  #follow({ parts }: Journey, happening: Happening): void {
    if (happening.type === 'attempt.failed') {
      const said = parts.some((part) => part.startsWith('❌'));
      if (!said) parts.push(`❌ ${shortFailure(happening.error)}`);
    }
    if (happening.type === 'retry.planned')
      parts.push(`Retry (${shortDuration(happening.waitMs)})`);
    if (happening.type === 'call.ended' && happening.result.status === 'deferred')
      parts.push('Deferred');
    if (happening.type !== 'request.ended') return;
    const { service, result } = happening;
    if (result.status === 'succeeded' && this.#failing.delete(service)) {
      parts.push('✅ Service Recovered');
    } else if (result.status === 'failed') this.#failing.add(service);
  }

  #end({ number, parts }: Journey, { result }: Happening & { type: 'call.ended' }): void {
    this.#ended++;
    if (result.status === 'completed') {
      this.#succeeded++;
      parts.push(parts.includes('✅ Service Recovered') ? 'Success' : '✅ Success');
    } else {
      // A person is told of each call that failed, at once or in a message about several.
      if (result.status === 'failed') parts.push('Failed', 'Alert');
      else parts.push('❓ Unknown');
      if (this.#ended < this.#options.total()) parts.push('Next');
    }
    this.#options.write(`Contact ${number}: ${parts.join(' → ')}`);
  }
}
