/** How a failure is told apart: worth another try, not worth one, or not tried at all. */
export type Category = 'TRANSIENT_ERROR' | 'PERMANENT_ERROR' | 'CIRCUIT_BREAKER_OPEN';

/**
 * A failure as a machine sees it: small plain JSON, because a JavaScript `Error` serialises to `{}`.
 * It never holds a secret, a name or an unmasked number.
 */
export interface Failure {
  readonly category: Category;
  readonly kind: string;
  /** Whose problem a permanent failure is; null for a transient one. */
  readonly scope: 'contact' | 'account' | 'config' | null;
  readonly service: string;
  /** The provider's own code, else the HTTP status. */
  readonly code: string | number | null;
  /** HTTP status, when there was an answer. */
  readonly status: number | null;
  readonly message: string;
  /** How long the provider asked to wait. */
  readonly retryAfterMs: number | null;
  /** The request may have been carried out although no good answer came. */
  readonly ambiguous: boolean;
  /** The provider's own id of the request, when it gave one: its support asks for it. */
  readonly requestId?: string;
}

/** Anything that survives `JSON.stringify` and back unchanged. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What an effect hands back on success: references to things, never the things themselves. */
export type Ref = { readonly [key: string]: Json };

/** Sent by a timer when its `dueAt` has come. */
export interface TimerFired {
  readonly type: 'timer.fired';
  readonly at: number;
}

/** Fed to every live machine when a stopped agent starts again. */
export interface Resumed {
  readonly type: 'resumed';
  readonly at: number;
  /** How long nobody was working: from the last journal line to the restart. */
  readonly downMs: number;
}
