import { sign } from 'node:crypto';
import { z } from 'zod';
import { PermanentError } from '../../errors.ts';
import type { Credentials } from './credentials.ts';
import { send, type Fetch } from './http.ts';

/** The longest that Google takes. */
const LIFETIME_S = 3600;
/** A token that is about to end may be too old when it arrives. */
const MARGIN_MS = 60_000;

const base64url = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A signed statement that the service account asks for a token: RFC 7523, as Google documents it
 * under "Using OAuth 2.0 for Server to Server Applications".
 * @param now epoch ms by the wall clock; Google refuses one that is not near its own
 */
export function assertion(
  { email, key, keyId, tokenUri }: Credentials,
  scopes: readonly string[],
  now: number,
): string {
  const iat = Math.floor(now / 1000);
  const header = { alg: 'RS256', typ: 'JWT', ...(keyId !== null && { kid: keyId }) };
  const claims = {
    iss: email,
    scope: scopes.join(' '),
    aud: tokenUri,
    iat,
    exp: iat + LIFETIME_S,
  };
  const unsigned = `${base64url(header)}.${base64url(claims)}`;
  return `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url')}`;
}

const answer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

interface Held {
  readonly token: string;
  /** Epoch ms. */
  readonly until: number;
}

/** Gives out access tokens, and fetches a new one when the last is about to end. */
export class AccessTokens {
  readonly #credentials: Credentials;
  readonly #fetch: Fetch;
  readonly #now: () => number;
  readonly #held = new Map<string, Held>();

  /** @param now the wall clock, whatever clock the agent lives by */
  constructor(credentials: Credentials, fetch: Fetch, now: () => number) {
    this.#credentials = credentials;
    this.#fetch = fetch;
    this.#now = now;
  }

  get email(): string {
    return this.#credentials.email;
  }

  /** @throws TransientError, PermanentError */
  async token(scope: string, signal: AbortSignal): Promise<string> {
    const held = this.#held.get(scope);
    if (held && this.#now() < held.until - MARGIN_MS) return held.token;
    const now = this.#now();
    const signed = assertion(this.#credentials, [scope], now);
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: signed,
    });
    const init = { method: 'POST', body, signal };
    const given = answer.safeParse(
      await send(this.#fetch, this.#credentials.tokenUri, init, { secrets: [signed] }),
    );
    if (!given.success) {
      throw new PermanentError('Google answered without an access token', {
        service: 'Google Sheets',
        kind: 'Authentication',
        scope: 'account',
      });
    }
    const { access_token: token, expires_in: seconds } = given.data;
    this.#held.set(scope, { token, until: now + seconds * 1000 });
    return token;
  }

  /** A token that was refused before its time is not used again. */
  forget(): void {
    this.#held.clear();
  }
}
