const LONGEST = 200;

/**
 * What looks like a credential, for a provider may repeat the one it refuses: OpenAI's and
 * Anthropic's `sk-`, ElevenLabs' `sk_`, HubSpot's `pat-`, 32 hexadecimal digits (Twilio's auth
 * token), an Authorization header. The keys in use are masked where errors enter the journal too.
 */
const credential =
  /\b(?:sk|pk|pat|rk)[-_][\w*.-]{4,}|\b(?:Bearer|Basic)\s+[\w*.~+/=-]{6,}|\b[\da-f]{32}\b/gi;

/** One short line out of a provider's words, without anything that looks like a key. */
export function shortened(text: string): string {
  const line = text
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .replace(credential, '***');
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
}
