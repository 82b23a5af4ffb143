import type { Clock } from '../../runtime/clock.ts';
import { sleep } from './exchange.ts';
import type { Provider } from './provider.ts';
import { PIECES, type Reply } from './reply.ts';

export interface Carried {
  /**
   * Carry the request out first (the call *is* placed) and go wrong then, as far as the client
   * can see. @default false
   */
  readonly after?: boolean;
}

/** An error status, in the provider's own body unless another is given. */
export interface StatusFault extends Carried {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** The provider's own error code. @default its usual one for the status */
  readonly code?: string | number;
  /** Sent instead: a string as it is, anything else as JSON. @default the provider's error body */
  readonly body?: unknown;
  /** @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds, for the `Retry-After` header. @default no such header */
  readonly retryAfterS?: number;
}

/** Slow, and otherwise as it would be. With `after` the work is done first and the answer late. */
export interface LatencyFault extends Carried {
  readonly latencyMs: number;
}

/** No answer until the client gives up: none at all, or half a body (the work is done then). */
export interface HangFault extends Carried {
  readonly hang: 'headers' | 'body';
}

/** The connection is reset without an answer. */
export interface ResetFault extends Carried {
  readonly reset: true;
}

/** The connection ends in the middle of the good answer's body. The work is done. */
export interface CutFault {
  readonly cut: true;
}

/**
 * The good answer, but its body comes in pieces spread over this time: never silent for long, and
 * late. The work is done at once.
 */
export interface SlowBodyFault {
  readonly slowBodyMs: number;
}

/** A proxy's 502 page. */
export interface HtmlFault extends Carried {
  readonly html: true;
}

/** 200 with no bytes, of the right content type. */
export interface EmptyFault extends Carried {
  readonly empty: true;
}

/** 200 with a JSON note instead of what was asked for, such as audio. */
export interface JsonFault extends Carried {
  readonly json: true;
}

/** 200 with this body: a string as it is, anything else as JSON. */
export interface BodyFault extends Carried {
  readonly body: unknown;
  /** @default {} */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Fault =
  | StatusFault
  | LatencyFault
  | HangFault
  | ResetFault
  | CutFault
  | SlowBodyFault
  | HtmlFault
  | EmptyFault
  | JsonFault
  | BodyFault;

const KINDS = [
  'status',
  'latencyMs',
  'hang',
  'reset',
  'cut',
  'slowBodyMs',
  'html',
  'empty',
  'json',
  'body',
];

const HTML_PAGE = `<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>
</html>
`;

/** @throws RangeError when the fault is not one of the kinds or a value is out of range */
export function checkFault(fault: Fault): void {
  const kinds = KINDS.filter((kind) => kind in fault && !(kind === 'body' && 'status' in fault));
  if (kinds.length !== 1) {
    throw new RangeError(`fault must be one of ${KINDS.join(', ')}, got ${JSON.stringify(fault)}`);
  }
  if ('status' in fault) checkStatusFault(fault);
  if ('latencyMs' in fault) checkMs('latencyMs', fault.latencyMs);
  if ('slowBodyMs' in fault) checkMs('slowBodyMs', fault.slowBodyMs);
  if ('hang' in fault && fault.hang !== 'headers' && fault.hang !== 'body') {
    throw new RangeError(`hang must be headers or body, got ${String(fault.hang)}`);
  }
}

function checkMs(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new RangeError(`${name} must be a number of at least 0, got ${value}`);
}

function checkStatusFault({ status, retryAfterS }: StatusFault): void {
  if (!(Number.isInteger(status) && status >= 400 && status <= 599)) {
    throw new RangeError(`status must be a whole number from 400 to 599, got ${status}`);
  }
  if (retryAfterS !== undefined && !(Number.isFinite(retryAfterS) && retryAfterS >= 0)) {
    throw new RangeError(`retryAfterS must be a number of at least 0, got ${retryAfterS}`);
  }
}

/** What happens to one request that `fault` befalls (null: none does). */
export async function perform(
  fault: Exclude<Fault, LatencyFault> | null,
  request: Request,
  provider: Provider,
  clock: Clock,
): Promise<Reply> {
  if (fault === null) return { kind: 'whole', response: await provider.handle(request) };
  if ('cut' in fault)
    return { kind: 'half', response: await provider.handle(request), ending: 'cut' };
  if ('slowBodyMs' in fault) {
    const pieceMs = fault.slowBodyMs / PIECES;
    const response = await provider.handle(request);
    return { kind: 'slow', response, pause: (signal) => sleep(clock, pieceMs, signal) };
  }
  if ('hang' in fault && fault.hang === 'body') {
    return { kind: 'half', response: await provider.handle(request), ending: 'hang' };
  }
  if (fault.after) await provider.handle(request);
  if ('hang' in fault) return { kind: 'hang' };
  if ('reset' in fault) return { kind: 'reset' };
  return { kind: 'whole', response: substitute(fault, provider) };
}

function substitute(
  fault: StatusFault | HtmlFault | EmptyFault | JsonFault | BodyFault,
  provider: Provider,
): Response {
  if ('status' in fault) return failure(fault, provider);
  if ('html' in fault) {
    return new Response(HTML_PAGE, { status: 502, headers: { 'content-type': 'text/html' } });
  }
  if ('empty' in fault) {
    return new Response(null, { headers: { 'content-type': provider.contentType } });
  }
  if ('json' in fault) return Response.json({ status: 'processing' });
  return withHeaders(sent(fault.body, 200), fault.headers);
}

function failure(fault: StatusFault, provider: Provider): Response {
  const { status, code, body, headers, retryAfterS } = fault;
  const response = 'body' in fault ? sent(body, status) : provider.failure(status, code);
  if (retryAfterS !== undefined) response.headers.set('retry-after', String(retryAfterS));
  return withHeaders(response, headers);
}

/** A string may be JSON that is broken on purpose, so it claims to be JSON all the same. */
function sent(body: unknown, status: number): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? null);
  return new Response(text, { status, headers: { 'content-type': 'application/json' } });
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>> = {}): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
