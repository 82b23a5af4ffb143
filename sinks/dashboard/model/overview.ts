import type { Page } from './book.ts';

/** What every screen begins with: the state of things at one moment, and how far the journal goes. */
export interface Overview extends Page {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lastAt: number;
  /** Null when no agent works on the folder: then nothing moves. */
  readonly time: { readonly now: number; readonly speed: number } | null;
  readonly canCommand: boolean;
  readonly problem: string | null;
  /** The journal that was there is still being read: what is shown is not yet the present. */
  readonly isReading: boolean;
  /** The last record there was when reading began. */
  readonly goal: number;
}
