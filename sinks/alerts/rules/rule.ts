import type { AlertText } from '../../../machines/incident.ts';
import type { JournalRecord } from '../../../store/record.ts';
import type { Happening } from '../../reading.ts';
import type { Condition, Ending, RuleName } from '../alert.ts';

/**
 * One or two kinds of trouble as a fold over the journal. It says what holds, not whom to tell:
 * that is decided from it, again and again, so that a crash in between loses nothing.
 */
export interface Rule {
  readonly name: string;
  readonly kinds: readonly RuleName[];
  /** @returns the keys that may hold now, or no longer */
  apply(record: JournalRecord, happenings: readonly Happening[]): readonly string[];
  /** All keys that may hold. */
  keys(): readonly string[];
  /** @param isOpen people have been told: what raised it must get clearly better to end it */
  evaluate(key: string, at: number, isOpen: boolean): Condition | null;
  /** What to say when it no longer holds; its title begins with "Resolved". */
  ending(ending: Ending): AlertText;
  /** An incident has ended: what led to it is told, and counts no more. */
  ended?(key: string): void;
  snapshot(): unknown;
  restore(state: unknown): void;
}

export const NOTHING: readonly string[] = [];
