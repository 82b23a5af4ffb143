import { PermanentError } from '../../../errors.ts';

const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;

/**
 * A key may be good for its work and not for the question that a health check asks: ElevenLabs says
 * `missing_permissions`, OpenAI "Missing scopes". The service is there, and no more can be seen.
 */
export const mayNotLook = (error: unknown): boolean =>
  error instanceof PermanentError &&
  (error.code === 'missing_permissions' ||
    /missing (?:scopes|the permission)/i.test(error.message));

/** As {@link mayNotLook}, or a compatible server has no such list at all. */
export const hasNoList = (error: unknown): boolean =>
  mayNotLook(error) ||
  (error instanceof PermanentError &&
    (error.status === NOT_FOUND || error.status === METHOD_NOT_ALLOWED));
