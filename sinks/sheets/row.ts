import type { JournalRecord } from '../../store/record.ts';
import type { Happening } from '../reading.ts';
import { levelOf } from '../level.ts';
import { shortDuration } from '../console/text.ts';
import type { Cell } from './client.ts';

/** The columns, as the first row names them. The first one makes a restart repeat nothing. */
export const HEADER = [
  'seq',
  'time (UTC)',
  'severity',
  'what happened',
  'service',
  'contact',
  'outcome',
  'error category',
  'retries',
] as const;

export const LAST_COLUMN = 'I';

export interface Row {
  readonly seq: number;
  readonly cells: readonly Cell[];
}

type Said = readonly [
  what: string,
  more?: {
    readonly service?: string;
    readonly outcome?: string;
    readonly category?: string | null;
    readonly retries?: number;
  },
];

const severities = { debug: 'info', info: 'info', warn: 'warning', error: 'critical' } as const;

/** `2026-09-21 14:13:20`: sorts as a text, and reads as a time. */
export const timeOf = (at: number): string =>
  new Date(at).toISOString().slice(0, 19).replace('T', ' ');

/** What a record tells people, at most one row: the last thing that it says. */
export function rowOf(record: JournalRecord, happenings: readonly Happening[]): Row | null {
  const told = happenings.flatMap((happening) => {
    const said = sentence(happening);
    return said ? [{ said, severity: severities[levelOf(happening)] }] : [];
  });
  const last = told.at(-1);
  if (!last) return null;
  const [what, { service = '', outcome = '', category = null, retries = 0 } = {}] = last.said;
  const contact = record.corr?.replace('call:', '') ?? '';
  const cells = [
    record.seq,
    timeOf(record.at),
    last.severity,
    what,
    service,
    contact,
    outcome,
    category ?? '',
    retries,
  ];
  return { seq: record.seq, cells };
}

function sentence(happening: Happening): Said | null {
  switch (happening.type) {
    case 'attempt.failed': {
      const { service, error, retries } = happening;
      return [error.message, { service, category: error.category, retries }];
    }
    case 'retry.planned': {
      const { service, error, retry, maxRetries, waitMs } = happening;
      const what = `${error.message.replace(/\.$/, '')}; trying again in ${shortDuration(waitMs)} (retry ${retry} of ${maxRetries})`;
      return [what, { service, category: error.category, retries: retry - 1 }];
    }
    case 'request.ended':
      return sentenceOfEnd(happening);
    case 'call.ended':
      return sentenceOfCall(happening);
    case 'breaker.moved':
      return sentenceOfBreaker(happening);
    case 'health.changed': {
      const { service, health, before, error } = happening;
      if (before === 'UNKNOWN' && health === 'HEALTHY') return null;
      if (health === 'HEALTHY') return [`${service} works again`, { service }];
      const why = error ? `: ${error.message}` : '';
      return [
        `${service} does not answer as it should${why}`,
        { service, category: error?.category ?? null },
      ];
    }
    case 'campaign.moved':
      return sentenceOfCampaign(happening);
    case 'contact.skipped':
      return [`Contact ${happening.contact} was skipped`, { outcome: 'skipped' }];
    case 'call.moved':
      return null;
  }
}

function sentenceOfEnd({
  service,
  retries,
  result,
}: Happening & { type: 'request.ended' }): Said | null {
  const { status, error } = result;
  if (status === 'succeeded') {
    const times = retries === 1 ? '1 retry' : `${retries} retries`;
    return retries === 0 ? null : [`${service} answered after ${times}`, { service, retries }];
  }
  const why = error?.message ?? status;
  const category = error?.category ?? null;
  if (status === 'failed')
    return [`${service} was given up: ${why}`, { service, category, retries }];
  return [why, { service, category, retries }];
}

function sentenceOfCall({ result }: Happening & { type: 'call.ended' }): Said {
  const { status, disposition, crm, error } = result;
  const why = error?.message ?? 'no reason given';
  const outcome = disposition ?? status;
  const more = { outcome, ...(error && { service: error.service, category: error.category }) };
  if (status === 'completed') {
    const owed = crm === 'pending' ? '; the CRM is still to be told' : '';
    return [`Call completed: ${disposition ?? 'no outcome'}${owed}`, { outcome }];
  }
  if (status === 'failed') return [`Call failed: ${why}`, more];
  if (status === 'deferred')
    return [`Call put back: ${error ? why : (disposition ?? 'later')}`, more];
  return [`It is not known whether this contact was called: ${why}`, more];
}

function sentenceOfBreaker({
  service,
  to,
  context,
}: Happening & { type: 'breaker.moved' }): Said | null {
  const until = typeof context.dueAt === 'number' ? `; next try at ${timeOf(context.dueAt)}` : '';
  const words: { readonly [state: string]: string } = {
    open: `${service} is not called for now: too many requests failed${until}`,
    halfOpen: `${service} is tried with one request`,
    closed: `${service} is called again`,
    isolated: `${service} was taken out of use`,
  };
  const what = words[to];
  return what === undefined ? null : [what, { service }];
}

function sentenceOfCampaign({
  campaign,
  to,
  context,
}: Happening & { type: 'campaign.moved' }): Said | null {
  if (to === 'done') return [`Campaign ${campaign} has come to its end`];
  if (to === 'stopped') return [`Campaign ${campaign} was stopped`];
  if (to !== 'paused') return null;
  const { pausedBy } = context;
  if (!pausedBy) return [`Campaign ${campaign} was paused`];
  const { service, category, message } = pausedBy;
  return [`Campaign ${campaign} paused itself: ${message}`, { service, category }];
}
