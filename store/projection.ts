import type { JournalRecord } from './record.ts';

/** State that follows from the journal's records alone, and that a snapshot can hold in their place. */
export interface Projection {
  /** Its key in a snapshot: no two of a program have the same. */
  readonly name: string;
  /** Raised when the state's shape changes: snapshots of another are left aside. @default 1 */
  readonly version?: number;
  /** Every record, once, in order. */
  apply(record: JournalRecord): void;
  /**
   * Plain JSON that no later record changes: a copy, or parts that are only ever replaced. What
   * grows with the campaigns is an array at the top, because that is written in slices.
   */
  snapshot(): unknown;
  /** Takes what {@link snapshot} once gave, in place of all the records up to then. */
  restore(state: unknown): void;
}

export const versionOf = ({ version = 1 }: Pick<Projection, 'version'>): number => version;
