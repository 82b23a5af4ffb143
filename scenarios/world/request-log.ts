import type { ServiceName } from '../../config.ts';
import type { RequestKind } from './provider.ts';

export interface LoggedRequest {
  readonly service: ServiceName;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** When it arrived, in epoch milliseconds. */
  readonly at: number;
  /** Null while there is no answer, and for ever when there was none. */
  status: number | null;
}

/** How many requests of each kind a service has seen. */
export type RequestCounts = Record<RequestKind, number>;

/** The last `limit` requests, oldest first. */
export class RequestLog {
  readonly #limit: number;
  #entries: LoggedRequest[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: LoggedRequest): LoggedRequest {
    this.#entries.push(entry);
    // Cut now and then: cutting at every request would move the whole list each time.
    if (this.#entries.length >= 2 * this.#limit) this.#entries = this.recent();
    return entry;
  }

  recent(): LoggedRequest[] {
    return this.#entries.slice(-this.#limit);
  }
}
