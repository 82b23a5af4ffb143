import { complaint, fieldsOf } from './body.ts';
import type { Complaint, ErrorTable } from './rule.ts';

/** `{status: 'error', message, category | errorType, correlationId, policyName, requestId}`. */
function read(body: unknown): Complaint {
  const { policyName, category, errorType, message, correlationId, requestId } = fieldsOf(body);
  return complaint([policyName, category, errorType], [message, body], [correlationId, requestId]);
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
    {
      code: 'VALIDATION_ERROR',
      says: /PROPERTY_DOESNT_EXIST/,
      kind: 'InvalidPayload',
      scope: 'config',
      note: 'the property that holds our key is not set up',
    },
    { code: 'VALIDATION_ERROR', kind: 'InvalidPayload', scope: 'contact' },
    { status: 401, kind: 'Authentication', scope: 'account' },
    { status: 404, kind: 'InvalidPayload', scope: 'contact', note: 'no such record' },
    { status: 423, kind: 'ServiceUnavailable', scope: null, note: 'locked' },
    { status: 477, kind: 'ServiceUnavailable', scope: null, note: 'the account is being moved' },
  ],
};
