import { classify, type Answer, type Provider } from '../../../actors/providers/errors/classify.ts';

/** Sun, 06 Nov 1994 08:49:37 GMT */
export const NOW = 784_111_777_000;

export interface Given extends Partial<Omit<Answer, 'headers'>> {
  readonly headers?: Readonly<Record<string, string>>;
}

export const answered = (provider: Provider, given: Given = {}) =>
  classify({
    provider,
    status: 500,
    body: null,
    method: 'POST',
    sent: true,
    now: NOW,
    ...given,
    headers: new Headers(given.headers),
  });

export const providers = ['elevenlabs', 'openai', 'anthropic', 'twilio', 'hubspot'] as const;

/** mulberry32: the same cases on every machine. @returns a whole number below `below` */
export function randomFrom(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
