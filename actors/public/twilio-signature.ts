import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What Twilio sends as `X-Twilio-Signature` with a form: HMAC-SHA1 of the address and the sorted
 * fields (Twilio, "Security: validating requests"). A field that comes more than once counts once
 * for each of its values.
 */
export function twilioSignature(authToken: string, url: string, form: URLSearchParams): string {
  const names = [...new Set(form.keys())].toSorted();
  const fields = names.flatMap((name) =>
    [...new Set(form.getAll(name))].toSorted().map((value) => name + value),
  );
  return createHmac('sha1', authToken)
    .update(url + fields.join(''))
    .digest('base64');
}

/** Twilio signs the address now with its port and now without. */
function spellings(url: string): Set<string> {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const standard = protocol === 'https:' ? '443' : '80';
  const rest = pathname + search;
  return new Set([
    url,
    `${protocol}//${hostname}${rest}`,
    `${protocol}//${hostname}:${port || standard}${rest}`,
  ]);
}

export interface SignedForm {
  readonly authToken: string;
  /** As it was given to Twilio: what a proxy made of it on the way does not matter. */
  readonly url: string;
  readonly form: URLSearchParams;
  /** What the request said. */
  readonly signature: string;
}

/** Compares in constant time. */
export function isSignedByTwilio({ authToken, url, form, signature }: SignedForm): boolean {
  const given = Buffer.from(signature);
  const matches = [...spellings(url)].map((spelling) => {
    const expected = Buffer.from(twilioSignature(authToken, spelling, form));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return matches.includes(true);
}
