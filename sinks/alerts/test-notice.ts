import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, Notice } from '../channels/channel.ts';
import { clockTime, fact } from './words.ts';

export interface TestedChannel {
  readonly channel: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly error: string | null;
}

/** Shorter than whoever asks waits for the answer. */
const PATIENCE_MS = 8_000;

/**
 * Sends a message to a channel that says that it is none. It goes past breaker and journal: the
 * person who asks waits for the answer, and tries again by hand.
 * @param redact makes what an error says fit to be shown
 */
export async function testChannel(
  channel: Channel,
  at: number,
  redact: (text: string) => string,
): Promise<TestedChannel> {
  const start = performance.now();
  const over = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: over.signal, ref: false }).then(() => {
    over.abort();
    throw new Error(`no answer within ${PATIENCE_MS / 1000} s`);
  });
  late.catch(() => {});
  try {
    await Promise.race([channel.deliver(testNotice(at), over.signal), late]);
    return { channel: channel.name, ok: true, ms: since(start), error: null };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { channel: channel.name, ok: false, ms: since(start), error: redact(said) };
  } finally {
    over.abort();
  }
}

const since = (start: number): number => Math.round(performance.now() - start);

const testNotice = (at: number): Notice => ({
  kind: 'test',
  alert: `test-${at}`,
  key: `test ${at}`,
  n: 0,
  rule: 'test',
  severity: 'warning',
  service: null,
  title: 'Test: alerts of the call agent arrive here',
  paragraphs: ['Somebody asked for this message. Nothing has happened, and nothing is to be done.'],
  facts: [fact('Sent', clockTime(at))],
  at,
  since: at,
  isRepeat: false,
});
