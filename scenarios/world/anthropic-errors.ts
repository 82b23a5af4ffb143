import type { ErrorBody } from './provider.ts';

const BY_STATUS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'Your account has a problem with its billing.'],
  403: ['permission_error', 'Your API key does not have permission to use this resource.'],
  404: ['not_found_error', 'Not found'],
  405: ['invalid_request_error', 'Method not allowed'],
  409: ['conflict_error', 'The resource was changed meanwhile.'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', 'This request would exceed your rate limit.'],
  504: ['timeout_error', 'The request took too long.'],
  529: ['overloaded_error', 'Overloaded'],
};

const NO_ID = 'req_000000000000000000000000';

/** A coarse `type`, as opposed to the finer `error_code` in its details. */
const isType = (code: string): boolean => code.endsWith('_error') || code === 'request_too_large';

/** Anthropic: `{type: "error", error: {type, message, details?}, request_id}`. */
export const anthropicErrorBody: ErrorBody = (status, code = null, details = {}) => {
  const usual = status >= 500 ? ['api_error', 'Internal server error'] : ['invalid_request_error'];
  const [type = '', message] = BY_STATUS[status] ?? usual;
  const given = code === null ? null : String(code);
  return {
    type: 'error',
    error: {
      type: given !== null && isType(given) ? given : type,
      message: details.message ?? message ?? 'The request is not valid.',
      ...(given !== null && !isType(given) && { details: { error_code: given } }),
    },
    request_id: details.requestId ?? NO_ID,
  };
};
