import { complaint, fieldsOf, firstOf } from './body.ts';
import type { Complaint, ErrorTable } from './rule.ts';

/**
 * Four shapes: `{detail: {status, message}}`, the newer `{detail: {type, code, message, status,
 * request_id}}`, a list `{detail: [{type, loc, msg}]}` for 422 and plain `{detail: 'Not Found'}`.
 */
function read(body: unknown): Complaint {
  const { detail } = fieldsOf(body);
  const first = fieldsOf(firstOf(detail));
  return complaint(
    [first['code'], first['status'], Array.isArray(detail) ? first['type'] : null],
    [first['message'], first['msg'], detail, body],
    [first['request_id']],
  );
}

/** What is wrong with these words, where no code says so: against the rules, or too many. */
const ofTheText = /violate|terms of service|too long/i;

/**
 * ElevenLabs (help centre, "API - Error Code 400 or 401"; API reference, "Errors"; the rest as seen
 * in the field). The code decides, not the status: an empty quota comes as 401.
 */
export const elevenlabs: ErrorTable = {
  service: 'ElevenLabs',
  read,
  rows: [
    { code: 'quota_exceeded', kind: 'Quota', scope: 'account', note: 'with 401' },
    { code: 'invalid_api_key', kind: 'Authentication', scope: 'account' },
    { code: 'needs_authorization', kind: 'Authentication', scope: 'account' },
    { code: 'detected_unusual_activity', kind: 'Authentication', scope: 'account' },
    { code: /^only_for_/, kind: 'Authentication', scope: 'account', note: 'only_for_creator+' },
    { code: 'voice_not_found', kind: 'InvalidPayload', scope: 'config', note: '400, 401 or 404' },
    { code: 'model_not_found', kind: 'InvalidPayload', scope: 'config' },
    { code: 'invalid_voice_settings', kind: 'InvalidPayload', scope: 'config' },
    { code: 'max_character_limit_exceeded', kind: 'InvalidPayload', scope: 'contact' },
    { code: 'too_many_concurrent_requests', kind: 'RateLimit', scope: null },
    { code: 'concurrent_limit_exceeded', kind: 'RateLimit', scope: null },
    { code: 'rate_limit_exceeded', kind: 'RateLimit', scope: null },
    { code: 'system_busy', status: 429, kind: 'RateLimit', scope: null },
    { status: 400, says: ofTheText, kind: 'InvalidPayload', scope: 'contact' },
    { status: 400, kind: 'InvalidPayload', scope: 'config', note: 'only the text differs' },
    { status: 422, kind: 'InvalidPayload', scope: 'config', note: 'only the text differs' },
  ],
};
