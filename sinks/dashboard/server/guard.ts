import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { addressOf, isAllowed } from '../../web/access.ts';

export const COMMAND_HEADER = 'x-call-agent';
const COOKIE = 'call-agent-token';

/** What a request may do, and what its answer has to carry. */
export type Verdict =
  | { readonly isAllowed: true; readonly setCookie: string | null }
  | { readonly isAllowed: false; readonly status: 401 | 403; readonly why: string };

export interface GuardOptions {
  /** Values of the Host header under which the server is known. */
  readonly hosts: ReadonlySet<string>;
  /** Null: anybody on this machine may look. */
  readonly token: string | null;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
/** In a time that tells nothing about the token, its length included. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

function cookieOf({ headers }: IncomingMessage): string | null {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1] ?? null;
}

function bearerOf({ headers }: IncomingMessage): string | null {
  return /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null;
}

/**
 * Lets in who may: a known Host and no foreign Origin (a page elsewhere, a rebound name), and the
 * token where there is one. It comes in the address once, and as a cookie from then on.
 */
export function judge(request: IncomingMessage, options: GuardOptions): Verdict {
  const { hosts, token } = options;
  if (!isAllowed(request, hosts)) {
    return { isAllowed: false, status: 403, why: 'This address is not known here.' };
  }
  const isChange = request.method !== 'GET' && request.method !== 'HEAD';
  // Only a page of this origin can set a header of its own without asking first.
  if (isChange && request.headers[COMMAND_HEADER] === undefined) {
    return { isAllowed: false, status: 403, why: `A change needs the header ${COMMAND_HEADER}.` };
  }
  if (token === null) return { isAllowed: true, setCookie: null };
  const fromAddress = addressOf(request)?.searchParams.get('token') ?? null;
  const given = fromAddress ?? bearerOf(request) ?? cookieOf(request);
  if (given === null || !isSame(given, token)) {
    return {
      isAllowed: false,
      status: 401,
      why: 'A token is needed: open the address with ?token=….',
    };
  }
  const setCookie =
    fromAddress === null ? null : `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict`;
  return { isAllowed: true, setCookie };
}
