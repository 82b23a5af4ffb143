import type { ErrorBody } from './provider.ts';

interface Default {
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

const BY_STATUS: Readonly<Record<number, Default>> = {
  401: {
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message: 'Incorrect API key provided. You can find your API key in your account settings.',
  },
  404: { type: 'invalid_request_error', code: null, message: 'Invalid URL' },
  405: { type: 'invalid_request_error', code: 'method_not_supported', message: 'Not allowed' },
  429: {
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached for requests. Please try again later.',
  },
  500: {
    type: 'server_error',
    code: 'server_error',
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  503: {
    type: 'service_unavailable_error',
    code: 'server_is_overloaded',
    message: 'The engine is currently overloaded, please try again later.',
  },
};

/** For these the `type` repeats the code. */
const CODE_IS_TYPE = new Set<unknown>(['insufficient_quota', 'server_error']);

/** OpenAI: `{"error":{message,type,param,code}}`. */
export const llmErrorBody: ErrorBody = (status, code = null, details = {}) => {
  const usual = BY_STATUS[status] ?? {
    type: status >= 500 ? 'server_error' : 'invalid_request_error',
    code: null,
    message: `The request failed with status ${status}.`,
  };
  return {
    error: {
      message: details.message ?? usual.message,
      type: CODE_IS_TYPE.has(code) ? code : usual.type,
      param: details.param ?? null,
      code: code ?? usual.code,
    },
  };
};
