import type { Projection } from './projection.ts';
import type { JournalRecord } from './record.ts';

/** A look-up asks for no call that is older than a day. */
const REMEMBERED_MS = 25 * 3_600_000;

/**
 * The calls of the last day that the provider has told of, by its ids: none of them can be another
 * call, of which nobody knows yet whether it was placed.
 */
export class PlacedCalls implements Projection {
  readonly name = 'placed calls';
  /** When it was told of, oldest first. */
  readonly #at = new Map<string, number>();

  apply({ machine, actor, at, context }: JournalRecord): void {
    if (machine !== 'call' || actor.includes('/')) return;
    const sid = (context?.['placed'] as { readonly sid?: unknown } | null | undefined)?.sid;
    if (typeof sid !== 'string') return;
    this.#at.delete(sid);
    this.#at.set(sid, at);
    for (const [oldest, when] of this.#at) {
      if (at - when <= REMEMBERED_MS) break;
      this.#at.delete(oldest);
    }
  }

  has(sid: string): boolean {
    return this.#at.has(sid);
  }

  snapshot(): unknown {
    return [...this.#at];
  }

  restore(state: unknown): void {
    for (const [sid, at] of state as [string, number][]) this.#at.set(sid, at);
  }
}
