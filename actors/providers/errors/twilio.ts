import { complaint, fieldsOf } from './body.ts';
import type { Complaint, ErrorTable } from './rule.ts';

/** `{code, message, more_info, status}`; some answers are problem details (RFC 9457). */
function read(body: unknown): Complaint {
  const { code, message, detail, title } = fieldsOf(body);
  return complaint([code], [message, detail, title, body]);
}

/**
 * Twilio (documentation, "Error and Warning Dictionary"). 20429 is documented as not processed, so a
 * dial that got it may be sent again; any 5xx leaves it open whether the phone rings.
 */
export const twilio: ErrorTable = {
  service: 'Telephony',
  read,
  rows: [
    { code: 20429, kind: 'RateLimit', scope: null, notCarriedOut: true },
    { code: 10004, kind: 'RateLimit', scope: null, note: 'concurrent calls' },
    { code: 20500, kind: 'ServiceUnavailable', scope: null },
    { code: 20503, kind: 'ServiceUnavailable', scope: null },

    { code: 21211, kind: 'InvalidPayload', scope: 'contact', note: 'To is invalid' },
    { code: 21214, kind: 'InvalidPayload', scope: 'contact', note: 'To cannot be reached' },
    { code: 21216, kind: 'InvalidPayload', scope: 'contact', note: 'To is on a blocklist' },
    { code: 21217, kind: 'InvalidPayload', scope: 'contact', note: 'To is not a number' },
    { code: 13223, kind: 'InvalidPayload', scope: 'contact', note: 'dialled number, format' },
    { code: 13224, kind: 'InvalidPayload', scope: 'contact', note: 'dialled number, invalid' },
    { code: 13225, kind: 'InvalidPayload', scope: 'contact', note: 'dialled number, blocked' },
    { code: 13226, kind: 'InvalidPayload', scope: 'contact', note: 'dialled country, invalid' },

    { code: 20003, kind: 'Authentication', scope: 'account' },
    { code: 20005, kind: 'Authentication', scope: 'account', note: 'account not active' },
    { code: 10001, kind: 'Authentication', scope: 'account', note: 'account not active' },
    { code: 10002, kind: 'Authentication', scope: 'account', note: 'not on a trial account' },
    { code: 21219, kind: 'Authentication', scope: 'account', note: 'trial: To is unverified' },

    { code: 21203, kind: 'Authentication', scope: 'config', note: 'no calls abroad' },
    { code: 21205, kind: 'InvalidPayload', scope: 'config', note: 'Url' },
    { code: 21210, kind: 'InvalidPayload', scope: 'config', note: 'From is unverified' },
    { code: 21212, kind: 'InvalidPayload', scope: 'config', note: 'From is invalid' },
    { code: 21213, kind: 'InvalidPayload', scope: 'config', note: 'From is missing' },
    { code: 21215, kind: 'Authentication', scope: 'config', note: 'geographic permission' },
    { code: 21609, kind: 'InvalidPayload', scope: 'config', note: 'StatusCallback' },
    { code: 21626, kind: 'InvalidPayload', scope: 'config', note: 'StatusCallbackEvent' },
    { code: 13227, kind: 'Authentication', scope: 'config', note: 'geographic permission' },
  ],
};
