import { complaint, fieldsOf, firstOf } from './body.ts';
import type { Complaint, ErrorTable } from './rule.ts';

/**
 * `{status: 'error', message, category | errorType, errors, correlationId, policyName, requestId}`.
 * What is wrong with a property stands as JSON in the message: `... not valid: [{"error":"..."}]`.
 */
function read(body: unknown): Complaint {
  const { policyName, category, errorType, message, errors, correlationId, requestId } =
    fieldsOf(body);
  const inMessage =
    typeof message === 'string' ? /"error":\s*"([A-Z_]+)"/.exec(message)?.[1] : null;
  return complaint(
    [policyName, fieldsOf(firstOf(errors))['code'], inMessage, category, errorType],
    [message, body],
    [correlationId, requestId],
  );
}

/**
 * HubSpot (API reference, "Error handling" and "Usage guidelines"). The daily limit ends at midnight
 * in the account's own zone, which no answer names: the next midnight in UTC stands in for it, and
 * when that is early the answer is the same again. A conflict is for the client to look up.
 */
export const hubspot: ErrorTable = {
  service: 'CRM',
  read,
  rows: [
    { code: 'DAILY', kind: 'RateLimit', scope: null, wait: 'until midnight UTC' },
    { code: 'TEN_SECONDLY_ROLLING', kind: 'RateLimit', scope: null, wait: 10_000 },
    { code: 'SECONDLY', kind: 'RateLimit', scope: null, wait: 1_000 },
    { code: 'MISSING_SCOPES', kind: 'Authentication', scope: 'config' },
    { code: 'CONFLICT', kind: 'InvalidPayload', scope: 'contact' },
    { code: 'OBJECT_ALREADY_EXISTS', kind: 'InvalidPayload', scope: 'contact' },
    {
      code: 'CONFLICTING_UNIQUE_VALUE',
      kind: 'InvalidPayload',
      scope: 'contact',
      note: 'with 400',
    },
    { code: 'PROPERTY_DOESNT_EXIST', kind: 'InvalidPayload', scope: 'config', note: 'our key' },
    { code: 'VALIDATION_ERROR', kind: 'InvalidPayload', scope: 'contact' },
    { status: 401, kind: 'Authentication', scope: 'account' },
    { status: 404, kind: 'InvalidPayload', scope: 'contact', note: 'no such record' },
    { status: 423, kind: 'ServiceUnavailable', scope: null, note: 'locked' },
    { status: 477, kind: 'ServiceUnavailable', scope: null, note: 'the account is being moved' },
  ],
};
