import { PermanentError, TransientError, type ProviderError } from '../../../errors.ts';
import { anthropic } from './anthropic.ts';
import { idOf, parseBody } from './body.ts';
import { elevenlabs } from './elevenlabs.ts';
import { retryHintMs, type HeadersLike } from '../../../runtime/http/hint.ts';
import { hubspot } from './hubspot.ts';
import { lineOf } from '../../../runtime/http/message.ts';
import { openai } from './openai.ts';
import { findRow, verdictOf, type ErrorTable, type Row, type Verdict } from './rule.ts';
import { twilio } from './twilio.ts';

export const tables = { elevenlabs, openai, anthropic, twilio, hubspot } as const;

export type Provider = keyof typeof tables;

export interface Answer {
  readonly provider: Provider;
  readonly status: number;
  readonly headers: HeadersLike;
  /** Bytes, text, or what JSON made of it. */
  readonly body: unknown;
  readonly method: string;
  /** Whether the request had left: true for any answer that came over the wire. */
  readonly sent: boolean;
  /** Epoch ms. */
  readonly now: number;
}

const MULTIPLE_CHOICES = 300;
const GAVE_UP = 499;
const DAY_MS = 24 * 3_600_000;
const idHeaders = [
  'x-request-id',
  'request-id',
  'twilio-request-id',
  'x-trace-id',
  'x-hubspot-correlation-id',
];

/**
 * `x-should-retry` (read by the SDKs of OpenAI and Anthropic) has the last word over a status. A
 * code of the provider's that says why no retry helps stands against a yes; a no makes it the
 * account's problem, for a fault of the provider's must not use up one contact after another.
 */
function heeding(table: ErrorTable, row: Row, headers: HeadersLike): Verdict {
  const verdict = verdictOf(row);
  const says = table.saysWhetherToRetry ? headers.get('x-should-retry')?.trim() : undefined;
  if (says === 'false' && verdict.scope === null)
    return { category: 'permanent', kind: verdict.kind, scope: 'account' };
  if (says === 'true' && verdict.scope !== null && row.code === undefined)
    return { category: 'transient', kind: 'ServiceUnavailable', scope: null };
  return verdict;
}

/** A wait that the table knows of, for answers without a hint. */
function usualWaitMs({ wait }: Row, now: number): number | null {
  if (wait === 'until midnight UTC') return DAY_MS - (now % DAY_MS);
  return wait ?? null;
}

/**
 * A server that failed, gave up (499) or gave no real answer leaves open whether it carried a write
 * out that had left. A refusal, a redirect and 429 do not.
 */
const leavesDoubt = ({ method, sent, status }: Answer, row: Row): boolean =>
  sent &&
  method.toUpperCase() === 'POST' &&
  row.notCarriedOut !== true &&
  (status >= GAVE_UP || status < MULTIPLE_CHOICES);

/** The error that a provider's answer means: by its own code first, then by the status. */
export function classify(answer: Answer): ProviderError {
  const { status, headers, now } = answer;
  const table: ErrorTable = tables[answer.provider];
  const body = parseBody(answer.body);
  const complaint = table.read(body);
  const row = findRow(table.rows, complaint, status);
  const { category, kind, scope } = heeding(table, row, headers);
  const said = complaint.message === null ? '' : `: ${lineOf(complaint.message)}`;
  const options = {
    service: table.service,
    provider: answer.provider,
    kind,
    scope,
    code: complaint.codes[0] ?? status,
    status,
    requestId: idOf([...idHeaders.map((name) => headers.get(name)), complaint.requestId]),
    retryAfterMs: retryHintMs({ status, headers, body, now }) ?? usualWaitMs(row, now),
    ambiguous: leavesDoubt(answer, row),
  };
  const message = `${table.service} answered ${status}${said}`;
  return category === 'transient'
    ? new TransientError(message, options)
    : new PermanentError(message, options);
}
