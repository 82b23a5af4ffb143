import type { ErrorKind, ErrorScope } from '../../../errors.ts';

export type Code = string | number;

/** What a provider's error body says of itself, whatever its shape. */
export interface Complaint {
  /** The most telling first, coarser ones after it. */
  readonly codes: readonly Code[];
  readonly message: string | null;
  readonly requestId: string | null;
}

/** One line of a provider's table. Every condition that a row names has to hold. */
export interface Row {
  /** The provider's own code; a number also matches its digits in a string. */
  readonly code?: Code | RegExp;
  /** HTTP status, or the first and last of a range. */
  readonly status?: number | readonly [first: number, last: number];
  /** Only for an answer that holds no code. */
  readonly uncoded?: true;
  /** A cue in the message, for what has no code of its own. */
  readonly says?: RegExp;
  readonly kind: ErrorKind;
  /** Whose problem it is; null makes the error transient. */
  readonly scope: ErrorScope | null;
  /** How long to wait when the answer itself gives no hint. */
  readonly wait?: number | 'until midnight UTC';
  /** Documented as not carried out, whatever the status. */
  readonly notCarriedOut?: true;
  readonly note?: string;
}

/** How one provider tells of failures. */
export interface ErrorTable {
  /** The service of ours that it stands behind. */
  readonly service: string;
  /** The first match decides; rows with a code come before rows without. */
  readonly rows: readonly Row[];
  readonly read: (body: unknown) => Complaint;
  /** Whether it speaks `x-should-retry`. @default false */
  readonly saysWhetherToRetry?: boolean;
}

export interface Verdict {
  readonly category: 'transient' | 'permanent';
  readonly kind: ErrorKind;
  readonly scope: ErrorScope | null;
}

/**
 * What a status means when no code says more (RFC 9110, section 15; 425: RFC 8470; 429: RFC 6585).
 * Every provider puts a code into its own refusals, so that a 4xx without one is the word of
 * something in between, and would come again for everybody.
 * 529 and 530 are no standard but in use for an overloaded origin, 499 for a closed request.
 */
export const statusRows: readonly Row[] = [
  { status: 401, kind: 'Authentication', scope: 'account' },
  { status: 402, kind: 'Quota', scope: 'account' },
  { status: 403, kind: 'Authentication', scope: 'account' },
  { status: 404, kind: 'InvalidPayload', scope: 'config', note: 'a wrong base URL, mostly' },
  { status: 408, kind: 'Timeout', scope: null },
  { status: 413, kind: 'InvalidPayload', scope: 'contact', note: 'only the text differs in size' },
  { status: 425, kind: 'Timeout', scope: null },
  { status: 429, kind: 'RateLimit', scope: null },
  { status: 499, kind: 'Timeout', scope: null },
  { status: [400, 498], uncoded: true, kind: 'InvalidPayload', scope: 'config', note: 'a proxy' },
  { status: 400, kind: 'InvalidPayload', scope: 'contact' },
  { status: 409, kind: 'InvalidPayload', scope: 'contact' },
  { status: 422, kind: 'InvalidPayload', scope: 'contact' },
  { status: [400, 498], kind: 'InvalidPayload', scope: 'config', note: 'no contact differs in it' },
  { status: [500, 599], kind: 'ServiceUnavailable', scope: null },
  { status: [300, 399], kind: 'InvalidPayload', scope: 'config', note: 'the API has moved' },
  { kind: 'InvalidResponse', scope: null, note: 'no error status at all' },
];

const sameCode = (wanted: Code | RegExp, code: Code): boolean =>
  wanted instanceof RegExp ? wanted.test(String(code)) : String(wanted) === String(code);

function isWithin(wanted: NonNullable<Row['status']>, status: number): boolean {
  const [first, last] = typeof wanted === 'number' ? [wanted, wanted] : wanted;
  return status >= first && status <= last;
}

/** The row that decides: by the provider's codes, else by its own rows of statuses, else by ours. */
export function findRow(rows: readonly Row[], complaint: Complaint, status: number): Row {
  const holds = (row: Row): boolean =>
    (row.status === undefined || isWithin(row.status, status)) &&
    (row.uncoded !== true || complaint.codes.length === 0) &&
    (row.says === undefined || row.says.test(complaint.message ?? ''));
  for (const code of complaint.codes) {
    const row = rows.find(
      (one) => one.code !== undefined && sameCode(one.code, code) && holds(one),
    );
    if (row) return row;
  }
  const row = [...rows, ...statusRows].find((one) => one.code === undefined && holds(one));
  return row ?? { kind: 'InvalidResponse', scope: null };
}

export const verdictOf = ({ kind, scope }: Row): Verdict => ({
  category: scope === null ? 'transient' : 'permanent',
  kind,
  scope,
});
