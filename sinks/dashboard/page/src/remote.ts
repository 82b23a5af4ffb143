import type { JournalRecord, Source } from './types.ts';

/** The browser's own words for a program that is not there mean nothing to a person. */
const ask = (address: string, init?: RequestInit): Promise<Response> =>
  fetch(address, init).catch(() => {
    throw new Error(
      'The program does not answer: it has ended, or starts again. What stands here is the last that it said.',
    );
  });

async function get<T>(path: string, params: Record<string, unknown>): Promise<T> {
  const given = Object.entries(params).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const response = await ask(`${path}?${query.toString()}`);
  const answer = (await response.json().catch(() => null)) as (T & { error?: string }) | null;
  if (response.ok && answer) return answer;
  throw new Error(answer?.error ?? `The program answered ${response.status}.`);
}

const RETRY_MS = 3_000;

/** The program that served this page. */
export const remote: Source = {
  name: 'live',
  overview: (until) => get('/api/overview', { until }),
  contacts: (query, until) => get('/api/contacts', { ...query, until }),
  records: ({ failed, ...query }, until) =>
    get('/api/records', { ...query, failed: failed ? 1 : undefined, until }),
  follow(onRecord, onState) {
    let events: EventSource | null = null;
    let last: number | null = null;
    let timer: ReturnType<typeof setTimeout>;
    const connect = (): void => {
      // The browser reconnects by itself, and says which record it had last.
      const stream = new EventSource(`/api/events${last === null ? '' : `?after=${last}`}`);
      stream.onopen = () => onState(true);
      stream.onerror = () => {
        onState(false);
        // It gives up where something else than us answers, a proxy in front of a restart, say.
        if (stream.readyState === EventSource.CLOSED) timer = setTimeout(connect, RETRY_MS);
      };
      stream.onmessage = ({ data, lastEventId }) => {
        last = Number(lastEventId);
        onRecord(JSON.parse(String(data)) as JournalRecord);
      };
      events = stream;
    };
    const end = (): void => {
      clearTimeout(timer);
      events?.close();
      events = null;
    };
    // A browser keeps six connections to a program: tabs that nobody looks at must leave them to
    // others. Whoever comes back asks for how things stand, not for all that went by.
    const attend = (): void => {
      end();
      last = null;
      if (!document.hidden) connect();
    };
    attend();
    document.addEventListener('visibilitychange', attend);
    return () => {
      document.removeEventListener('visibilitychange', attend);
      end();
    };
  },
  async command(command) {
    const response = await ask('/api/commands', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-call-agent': '1' },
      body: JSON.stringify(command),
    });
    const answer = (await response.json().catch(() => ({}))) as {
      error?: string;
      result?: unknown;
    };
    if (!response.ok) throw new Error(answer.error ?? `The program answered ${response.status}.`);
    return answer.result;
  },
};
