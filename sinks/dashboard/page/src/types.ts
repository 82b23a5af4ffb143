import type { JournalRecord } from '../../../../store/record.ts';
import type { CallView } from '../../model/calls.ts';
import type { Order } from '../../model/orders.ts';
import type { Overview } from '../../model/overview.ts';

export type { JournalRecord } from '../../../../store/record.ts';
export type { Figures } from '../../../metrics/figures.ts';
export type { CallView } from '../../model/calls.ts';
export type { CampaignView } from '../../model/model.ts';
export type { Overview } from '../../model/overview.ts';
export type { Verdict } from '../../../../machines/campaign-protocol.ts';
export type { Order } from '../../model/orders.ts';
export type { ServiceView } from '../../model/services.ts';

export type { AlertView, ChannelView, SilenceView } from '../../model/alerts.ts';

export interface ContactQuery {
  readonly status?: string;
  readonly reason?: string;
  /** By name. */
  readonly campaign?: string;
  readonly offset: number;
}

export interface RecordQuery {
  readonly actor?: string;
  readonly call?: string;
  readonly failed?: boolean;
  /** Only records before this one. */
  readonly before?: number;
  /** Only records behind this one. */
  readonly after?: number;
  readonly limit?: number;
}

export interface RecordPage {
  readonly records: readonly JournalRecord[];
  /** Ask again with this to see what came before; 0 when all is seen. */
  readonly before: number;
}

/** Where a page's data comes from: a program, or a file that was dropped on it. */
export interface Source {
  readonly name: string;
  /** @param until null for now */
  overview(until: number | null): Promise<Overview>;
  contacts(
    query: ContactQuery,
    until: number | null,
  ): Promise<{ total: number; contacts: readonly CallView[] }>;
  records(query: RecordQuery, until: number | null): Promise<RecordPage>;
  /** Calls back for each new record. @returns ends that */
  follow(
    onRecord: (record: JournalRecord) => void,
    onState: (isConnected: boolean) => void,
  ): () => void;
  command(command: Order): Promise<unknown>;
}
