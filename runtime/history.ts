import type { Projection } from '../store/projection.ts';

/**
 * Somebody who is told of all that was recorded before this start, and follows by itself what is
 * recorded from then on. One that can't be put into a snapshot costs every start the whole journal.
 */
export interface History
  extends
    Pick<Projection, 'name' | 'version' | 'apply'>,
    Partial<Pick<Projection, 'snapshot' | 'restore'>> {
  /** It has not taken all records yet. @default it has */
  isBehind?(): boolean;
}

type Kept = History & Pick<Projection, 'snapshot' | 'restore'>;

export const canBeKept = (history: History): history is Kept =>
  history.snapshot !== undefined && history.restore !== undefined;
