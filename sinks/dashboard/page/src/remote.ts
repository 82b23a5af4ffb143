import type { JournalRecord, Source } from './types.ts';

async function get<T>(path: string, params: Record<string, unknown>): Promise<T> {
  const given = Object.entries(params).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const response = await fetch(`${path}?${query.toString()}`);
  const answer = (await response.json().catch(() => null)) as (T & { error?: string }) | null;
  if (response.ok && answer) return answer;
  throw new Error(answer?.error ?? `The program answered ${response.status}.`);
}

/** The program that served this page. */
export const remote: Source = {
  name: 'live',
  overview: (until) => get('/api/overview', { until }),
  contacts: (query, until) => get('/api/contacts', { ...query, until }),
  records: ({ failed, before, ...query }, until) =>
    get('/api/records', {
      ...query,
      failed: failed ? 1 : undefined,
      before: before ?? (until === null ? undefined : until + 1),
    }),
  follow(onRecord, onState) {
    // The browser reconnects by itself and says which record it had last.
    const events = new EventSource('/api/events');
    events.onopen = () => onState(true);
    events.onerror = () => onState(false);
    events.onmessage = ({ data }) => onRecord(JSON.parse(String(data)) as JournalRecord);
    return () => events.close();
  },
  async command(command) {
    const response = await fetch('/api/commands', {
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
