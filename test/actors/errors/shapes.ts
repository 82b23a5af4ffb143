import type { Provider } from '../../../actors/providers/errors/classify.ts';
import type { Code } from '../../../actors/providers/errors/rule.ts';

type Shape = (code: Code | null, message: string) => unknown;

/** An error body in the shape of each provider, as the vendor documents it. */
export const bodies: { readonly [provider in Provider]: Shape } = {
  elevenlabs: (status, message) => ({ detail: { status, message } }),
  openai: (code, message) => ({
    error: { message, type: code && 'invalid_request_error', param: null, code },
  }),
  anthropic: (code, message) => {
    const isDetail =
      typeof code === 'string' && !code.endsWith('_error') && code !== 'request_too_large';
    return {
      type: 'error',
      error: isDetail
        ? { type: 'rate_limit_error', message, details: { error_code: code } }
        : { type: code, message },
      request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy',
    };
  },
  twilio: (code, message) => ({
    code,
    message,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status: 400,
  }),
  hubspot: (code, message) => ({
    status: 'error',
    message,
    correlationId: 'aeb5f871-7f07-4993-9211-075dc63e7cbf',
    ...(/^(DAILY|.*SECONDLY.*)$/.test(String(code))
      ? { errorType: 'RATE_LIMIT', policyName: code }
      : { category: code }),
  }),
};
