import { complaint, fieldsOf, firstOf } from './body.ts';
import type { Complaint, ErrorTable } from './rule.ts';

/**
 * `{error: {message, type, param, code}}`. Compatible servers also send `{error: 'text'}`, the
 * fields without `error` around them, or the whole in a list.
 */
function read(body: unknown): Complaint {
  const outer = fieldsOf(firstOf(body));
  const error = fieldsOf(outer['error']);
  return complaint(
    [error['code'], error['type'], outer['code']],
    [error['message'], error['detail'], outer['error'], outer['message'], outer['detail'], body],
    [outer['request_id']],
  );
}

/**
 * OpenAI (guide "Error codes"; help centre, "Troubleshooting API rate limits and 429 errors"). Its
 * 429 means "slower" or "no money": `code` tells, and where it is empty `type`.
 */
export const openai: ErrorTable = {
  service: 'LLM',
  read,
  saysWhetherToRetry: true,
  rows: [
    { code: 'rate_limit_exceeded', kind: 'RateLimit', scope: null },
    { code: 'slow_down', kind: 'RateLimit', scope: null },
    { code: 'insufficient_quota', kind: 'Quota', scope: 'account', note: 'with 429' },
    { code: 'credit_balance_exhausted', kind: 'Quota', scope: 'account' },
    { code: /_(spend|usage)_limit_exceeded$/, kind: 'Quota', scope: 'account' },
    { code: /^billing_/, kind: 'Quota', scope: 'account', note: 'billing_not_active' },
    { code: 'invalid_api_key', kind: 'Authentication', scope: 'account' },
    { code: 'model_not_found', kind: 'InvalidPayload', scope: 'config' },
    { code: 'context_length_exceeded', kind: 'InvalidPayload', scope: 'contact' },
    { code: 'content_filter', kind: 'InvalidPayload', scope: 'contact', note: 'Azure, with 400' },
    { code: 'invalid_prompt', kind: 'InvalidPayload', scope: 'contact', note: 'against the rules' },
    { code: 'server_is_overloaded', kind: 'ServiceUnavailable', scope: null },
    { code: 'server_error', kind: 'ServiceUnavailable', scope: null },
    { status: 400, kind: 'InvalidPayload', scope: 'config', note: 'only the prompt differs' },
    { status: 422, kind: 'InvalidPayload', scope: 'config', note: 'compatible servers' },
    { status: 403, kind: 'Authentication', scope: 'config', note: 'country, or no such right' },
  ],
};
