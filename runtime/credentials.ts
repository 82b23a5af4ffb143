/**
 * What looks like a credential, for a provider may repeat the one it refuses: OpenAI's and
 * Anthropic's `sk-`, Groq's `gsk_`, ElevenLabs' `sk_`, HubSpot's `pat-`, Google's `ya29.`, 32
 * hexadecimal digits (Twilio's auth token), an Authorization header. Where such digits are all there
 * is, they are somebody's id of a request.
 */
const credential =
  /\b(?:g?sk|pk|pat|rk|xai)[-_][\w*.-]{4,}|\bya29\.[\w*.-]{4,}|\b(?:Bearer|Basic)\s+[\w*.~+/=-]{6,}|(?<!^)\b[\da-f]{32}\b|\b[\da-f]{32}\b(?!$)/gi;

/** Longer than any id or hash: the token of an address that is good for whoever has it. */
const token = /[A-Za-z0-9_-]{72,}/g;

/** `password=…` and the like in an address or a connection string, and `//user:password@`. */
const named =
  /\b(pass(?:word|wd)?|pwd|secret|api[-_]?key|(?:access|auth|refresh)[-_]?token|token)=[^\s&"',;]+/gi;
const ofUser = /(?<=\/\/)[^\s/@:]+:[^\s/@]+(?=@)/g;

/** The last net: keys in use are compared whole before, since this may take but a part of one. */
export const hideCredentials = (text: string): string =>
  text
    .replace(ofUser, '***')
    .replace(named, '$1=***')
    .replace(credential, '***')
    .replace(token, '***');
