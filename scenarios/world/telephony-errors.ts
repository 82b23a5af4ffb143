import type { ErrorBody } from './provider.ts';

const BY_STATUS: Readonly<Record<number, readonly [code: number, message: string]>> = {
  400: [20001, 'Invalid parameter'],
  401: [20003, 'Authenticate'],
  403: [20005, 'Account not active'],
  404: [20404, 'The requested resource was not found'],
  405: [20004, 'Method not allowed'],
  429: [20429, 'Too Many Requests'],
  500: [20500, 'Internal Server Error'],
  503: [20503, 'Service Unavailable'],
};

/** Twilio: `{code,message,more_info,status}`. */
export const telephonyErrorBody: ErrorBody = (status, code = null, details = {}) => {
  const other = status < 500 ? ([status, 'Bad Request'] as const) : BY_STATUS[500];
  const [usualCode, usualMessage] = BY_STATUS[status] ?? other ?? [status, 'Unknown'];
  const shown = code ?? usualCode;
  return {
    code: shown,
    message: details.message ?? usualMessage,
    more_info: `https://www.twilio.com/docs/errors/${shown}`,
    status,
  };
};
