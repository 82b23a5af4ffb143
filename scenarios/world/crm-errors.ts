import type { ErrorBody } from './provider.ts';

const BY_STATUS: Readonly<Record<number, readonly [category: string, message: string]>> = {
  400: ['VALIDATION_ERROR', 'Invalid input'],
  401: ['INVALID_AUTHENTICATION', 'Authentication credentials not found.'],
  403: ['MISSING_SCOPES', 'This app has not been granted all required scopes.'],
  404: ['OBJECT_NOT_FOUND', 'Object not found.'],
  405: ['METHOD_NOT_ALLOWED', 'HTTP 405 Method Not Allowed'],
  409: ['CONFLICT', 'The record exists already.'],
};

const NO_ID = '00000000-0000-4000-a000-000000000000';

/** HubSpot: `{status:"error",message,category,correlationId}`. At 429 `code` is the policy's name. */
export const crmErrorBody: ErrorBody = (status, code = null, details = {}) => {
  const correlationId = details.requestId ?? NO_ID;
  if (status === 429) {
    const policyName = String(code ?? 'SECONDLY');
    return {
      status: 'error',
      message: details.message ?? `You have reached your ${policyName.toLowerCase()} limit.`,
      category: 'RATE_LIMITS',
      errorType: 'RATE_LIMIT',
      policyName,
      correlationId,
      requestId: correlationId,
    };
  }
  const [category, message] = BY_STATUS[status] ?? ['INTERNAL_ERROR', 'internal error'];
  return {
    status: 'error',
    message: details.message ?? message,
    category: String(code ?? category),
    correlationId,
  };
};
