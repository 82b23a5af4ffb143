import { complaint, fieldsOf } from './body.ts';
import type { Complaint, ErrorTable } from './rule.ts';

/** `{type: 'error', error: {type, message, details: {error_code}}, request_id}`. */
function read(body: unknown): Complaint {
  const outer = fieldsOf(body);
  const error = fieldsOf(outer['error']);
  return complaint(
    [fieldsOf(error['details'])['error_code'], error['type']],
    [error['message'], outer['error'], body],
    [outer['request_id']],
  );
}

/** A limit that the account's owner set has no code of its own, only these words. */
const noMoney = /credit balance is too low|specified (?:workspace )?API usage limits|spend limit/i;
/** "This organization has been disabled." */
const disabled = /has been disabled/i;
/** "prompt is too long: …" and "Output blocked by content filtering policy": about this prompt. */
const ofThePrompt = /prompt is too long|content filter/i;

/**
 * Anthropic (API reference, "Errors" and "Rate limits"; `error_code`: types of its SDK). Without an
 * `error_code` a `rate_limit_error` is a rate limit, also when no `retry-after` comes with it.
 */
export const anthropic: ErrorTable = {
  service: 'LLM',
  read,
  saysWhetherToRetry: true,
  rows: [
    { code: /_spend_limit_reached$/, kind: 'Quota', scope: 'account', note: 'with 429' },
    { code: 'ramp_limit_exceeded', kind: 'RateLimit', scope: null },
    { code: 'rate_limit_error', kind: 'RateLimit', scope: null },
    { code: 'overloaded_error', kind: 'ServiceUnavailable', scope: null, note: 'with 529' },
    { code: 'api_error', kind: 'ServiceUnavailable', scope: null },
    { code: 'timeout_error', kind: 'Timeout', scope: null },
    { code: 'conflict_error', kind: 'ServiceUnavailable', scope: null, note: 'with 409' },
    { code: 'billing_error', kind: 'Quota', scope: 'account' },
    { code: 'authentication_error', kind: 'Authentication', scope: 'account' },
    { code: 'permission_error', kind: 'Authentication', scope: 'account' },
    { code: 'not_found_error', kind: 'InvalidPayload', scope: 'config', note: 'the model' },
    { code: 'request_too_large', kind: 'InvalidPayload', scope: 'contact' },
    { code: 'invalid_request_error', says: noMoney, kind: 'Quota', scope: 'account' },
    { code: 'invalid_request_error', says: disabled, kind: 'Authentication', scope: 'account' },
    { code: 'invalid_request_error', says: ofThePrompt, kind: 'InvalidPayload', scope: 'contact' },
    { status: 400, kind: 'InvalidPayload', scope: 'config', note: 'only the prompt differs' },
    { status: 422, kind: 'InvalidPayload', scope: 'config' },
  ],
};
