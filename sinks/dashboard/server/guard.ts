import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { addressOf, isAllowed } from '../../web/access.ts';

export const COMMAND_HEADER = 'x-call-agent';
const COOKIE = 'call-agent-token';
const UNKNOWN =
  'This address is not known here: open the one that the program printed, or name this one in DASHBOARD_HOSTS.';

/** What a request may do, and what its answer has to carry. */
export type Verdict =
  | {
      readonly isAllowed: true;
      readonly setCookie: string | null;
      /** The same without the token, which is to stand in no address bar; null where it has none. */
      readonly bareAddress: string | null;
    }
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

/** A token may hold what a cookie can't (RFC 6265, section 4.1.1), so this stands for it. */
const cookieFor = (token: string): string => digest(`${COOKIE} ${token}`).toString('hex');

const hasCookie = ({ headers }: IncomingMessage, token: string): boolean =>
  (headers.cookie ?? '').split(';').some((pair) => {
    const [name, value = ''] = pair.trim().split('=');
    return name === COOKIE && isSame(value, cookieFor(token));
  });

function hasBearer({ headers }: IncomingMessage, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (given === undefined) return false;
  // Node reads a header's bytes as Latin-1; most programs send UTF-8.
  return isSame(given, token) || isSame(Buffer.from(given, 'latin1').toString(), token);
}

/** Who pastes a base64 token seldom thinks of `+`, which means a space there. */
const isTokenIn = (given: string, token: string): boolean =>
  isSame(given, token) || isSame(given.replaceAll(' ', '+'), token);

function without(address: URL, name: string): string {
  const bare = new URL(address);
  bare.searchParams.delete(name);
  return bare.pathname + bare.search;
}

/**
 * Lets in who may: a known Host and no foreign Origin (a page elsewhere, a rebound name), and the
 * token where there is one. It comes in the address once, and as a cookie from then on.
 */
export function judge(request: IncomingMessage, options: GuardOptions): Verdict {
  const { hosts, token } = options;
  if (!isAllowed(request, hosts)) {
    return { isAllowed: false, status: 403, why: UNKNOWN };
  }
  const isChange = request.method !== 'GET' && request.method !== 'HEAD';
  // Only a page of this origin can set a header of its own without asking first.
  if (isChange && request.headers[COMMAND_HEADER] === undefined) {
    return { isAllowed: false, status: 403, why: `A change needs the header ${COMMAND_HEADER}.` };
  }
  const address = addressOf(request);
  const given = address?.searchParams.get('token') ?? null;
  const bareAddress = address === null || given === null ? null : without(address, 'token');
  if (token === null) return { isAllowed: true, setCookie: null, bareAddress };
  const isKnown =
    given === null
      ? hasBearer(request, token) || hasCookie(request, token)
      : isTokenIn(given, token);
  if (!isKnown) {
    return {
      isAllowed: false,
      status: 401,
      why: 'A token is needed: open the address with ?token=….',
    };
  }
  const setCookie =
    given === null ? null : `${COOKIE}=${cookieFor(token)}; Path=/; HttpOnly; SameSite=Strict`;
  return { isAllowed: true, setCookie, bareAddress };
}
