import type { ErrorBody } from './provider.ts';

const BY_STATUS: Readonly<Record<number, readonly [status: string, message: string]>> = {
  400: ['bad_request', 'The request is not valid.'],
  401: ['invalid_api_key', 'Invalid API key'],
  403: ['only_for_creator+', 'This needs a higher subscription tier.'],
  429: ['rate_limit_exceeded', 'Too many requests. Please slow down.'],
  503: ['system_busy', 'The system is experiencing heavy traffic, please try again.'],
};

/** ElevenLabs answers these from its web framework, without a code. */
const PLAIN: Readonly<Record<number, string>> = { 404: 'Not Found', 405: 'Method Not Allowed' };

/** ElevenLabs: `{"detail":{"status","message"}}`; plain for a wrong address, a list for 422. */
export const elevenLabsErrorBody: ErrorBody = (status, code = null, details = {}) => {
  const { message, param = 'text' } = details;
  if (code === null && status in PLAIN) return { detail: message ?? PLAIN[status] };
  if (status === 422) {
    const msg = message ?? 'Field required';
    return {
      detail: [{ type: String(code ?? 'missing'), loc: ['body', param], msg, input: null }],
    };
  }
  const [usualCode, usualMessage] = BY_STATUS[status] ?? [
    'internal_server_error',
    'Something went wrong on our side.',
  ];
  return { detail: { status: String(code ?? usualCode), message: message ?? usualMessage } };
};
