import { useState } from 'preact/hooks';
import { recordFits } from '../../../server/queries.ts';
import { Empty } from '../parts/empty.tsx';
import { Records } from '../parts/records.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { route, setQuery } from '../route.ts';
import { fresh, moment } from '../store.ts';
import type { JournalRecord } from '../types.ts';

async function copy(records: readonly JournalRecord[]): Promise<string> {
  try {
    await navigator.clipboard.writeText(
      records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    );
    return `${records.length} lines copied.`;
  } catch {
    return 'The browser does not let this page copy.';
  }
}

interface Wanted {
  readonly actor: string;
  readonly call: string;
  readonly isFailed: boolean;
  readonly isFollowing: boolean;
  readonly before: number | undefined;
}

function wanted(query: URLSearchParams): Wanted {
  return {
    actor: query.get('actor') ?? '',
    call: query.get('call') ?? '',
    isFailed: query.get('failed') === '1',
    isFollowing: query.get('follow') !== '0' && !query.has('before'),
    before: query.has('before') ? Number(query.get('before')) : undefined,
  };
}

function Field({ name, value, example }: { name: string; value: string; example: string }) {
  return (
    <label>
      {name}{' '}
      <input
        id={name === 'actor' ? 'search' : undefined}
        type="search"
        value={value}
        placeholder={example}
        onInput={({ currentTarget }) =>
          setQuery({ [name]: currentTarget.value || null, before: null })
        }
      />
    </label>
  );
}

function Filters({ want, records }: { want: Wanted; records: readonly JournalRecord[] }) {
  const [said, setSaid] = useState('');
  const { actor, call, isFailed, isFollowing } = want;
  return (
    <div class="filters" role="group" aria-label="Filters">
      <Field name="actor" value={actor} example="breaker:ElevenLabs" />
      <Field name="call" value={call} example="call:0007" />
      <button
        type="button"
        aria-pressed={isFailed}
        onClick={() => setQuery({ failed: isFailed ? null : '1', before: null })}
      >
        failed only
      </button>
      <button
        type="button"
        aria-pressed={isFollowing}
        onClick={() => setQuery({ follow: isFollowing ? '0' : null, before: null })}
      >
        follow
      </button>
      <button type="button" onClick={() => void copy(records.toReversed()).then(setSaid)}>
        copy as JSONL
      </button>
      <span role="status">{said}</span>
    </div>
  );
}

/** What has come since the page was asked for, where it is followed. */
function newsFor({ actor, call, isFailed, isFollowing }: Wanted, last: number): JournalRecord[] {
  if (!isFollowing || moment.value !== null) return [];
  const filter = { actor: actor || null, call: call || null, isFailed };
  return fresh.value.filter((record) => record.seq > last && recordFits(record, filter));
}

export function EventsScreen() {
  const want = wanted(route.value.query);
  const { actor, call, isFailed, before } = want;
  const what = { actor, call, failed: isFailed, ...(before !== undefined && { before }) };
  const { data, problem } = useAsked(
    (source, until) => source.records(what, until),
    JSON.stringify(what),
  );
  const news = newsFor(want, data?.records.at(-1)?.seq ?? 0);
  const records = [...(data?.records ?? []), ...news].toReversed();
  const hasEarlier = data !== null && data.before > 0;
  const isFiltered = actor !== '' || call !== '' || isFailed;
  return (
    <>
      <h2>Events</h2>
      <Filters want={want} records={records} />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {data && records.length === 0 && (
        <Empty>
          {hasEarlier
            ? `No record from seq ${data.before} on is like that: look earlier.`
            : isFiltered
              ? 'No record is like that; take a filter away to see more.'
              : 'No record yet: everything that happens will stand here, line by line.'}
        </Empty>
      )}
      {records.length > 0 && <Records records={records} caption="Journal records, latest first" />}
      <p class="row">
        {before !== undefined && (
          <button type="button" onClick={() => setQuery({ before: null })}>
            latest
          </button>
        )}
        {hasEarlier && (
          <button type="button" onClick={() => setQuery({ before: String(data.before) })}>
            earlier
          </button>
        )}
      </p>
    </>
  );
}
