import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextRound } from 'node:timers/promises';
import type { JournalSource } from './journal-source.ts';

/** Comments that keep proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;
/** Records that are written before others get a turn. */
const SLICE = 200;

/**
 * Streams the journal as Server-Sent Events (WHATWG HTML, "Server-sent events"): `id` is the seq,
 * so a browser that reconnects goes on exactly where it was. Records are read from disk as fast as
 * the reader takes them: a stalled one costs its socket's buffer, and nobody waits for it.
 * @param after records up to this one are left out
 */
export async function streamRecords(
  source: JournalSource,
  request: IncomingMessage,
  response: ServerResponse,
  after: number,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  response.write(': the journal\n\n');
  const gone = new AbortController();
  const end = (): void => gone.abort();
  response.once('close', end);
  request.once('error', end);
  source.ended.addEventListener('abort', end, { once: true });
  if (source.ended.aborted) end();
  const heartbeat = setInterval(() => response.write(': \n\n'), HEARTBEAT_MS).unref();
  let wake = (): void => {};
  let hasGrown = false;
  const stopListening = source.onGrowth(() => {
    hasGrown = true;
    wake();
  });
  gone.signal.addEventListener('abort', () => wake(), { once: true });
  try {
    for (let seq = after; !gone.signal.aborted;) {
      hasGrown = false;
      seq = await writeAfter(source, response, seq, gone.signal);
      if (hasGrown || gone.signal.aborted) continue;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    clearInterval(heartbeat);
    stopListening();
    source.ended.removeEventListener('abort', end);
    response.end();
  }
}

/** @returns the seq of the last record that was written */
async function writeAfter(
  source: JournalSource,
  response: ServerResponse,
  after: number,
  gone: AbortSignal,
): Promise<number> {
  let seq = after;
  let text = '';
  let count = 0;
  const send = async (): Promise<void> => {
    const isTaken = text === '' || response.write(text);
    text = '';
    if (!isTaken) await once(response, 'drain', { signal: gone }).catch(() => {});
  };
  for (const record of source.after(after)) {
    text += `id: ${record.seq}\ndata: ${JSON.stringify(record)}\n\n`;
    seq = record.seq;
    if (++count % SLICE === 0) {
      await send();
      await nextRound();
    }
    if (gone.aborted) return seq;
  }
  await send();
  return seq;
}
