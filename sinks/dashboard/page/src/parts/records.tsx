import { useState } from 'preact/hooks';
import { tellsOfFailure } from '../../../server/queries.ts';
import { href, hrefAt } from '../route.ts';
import { when } from '../store.ts';
import type { JournalRecord } from '../types.ts';

/** The screen that shows whoever a line is about; a part of a call has its call's. */
function screenOf({ actor, machine, corr }: JournalRecord): readonly string[] | null {
  const name = actor.slice(actor.indexOf(':') + 1);
  if (machine === 'breaker' || machine === 'health') return ['service', name];
  if (machine === 'campaign') return [];
  if (machine === 'incident' || machine === 'silence') return ['alerts'];
  const root = corr ?? actor.split('/')[0] ?? '';
  return root.startsWith('call:') ? ['call', root.slice(5).replace(/\.\d+$/, '')] : null;
}

function Row({ record }: { record: JournalRecord }) {
  const [isOpen, setOpen] = useState(false);
  const { seq, at, actor, event, from, to } = record;
  const screen = screenOf(record);
  return (
    <>
      <tr class={tellsOfFailure(record) ? 'bad' : ''}>
        <td class="number">
          <a href={hrefAt(seq)} title="Look at this moment">
            {seq}
          </a>
        </td>
        <td class="nowrap">{when(at)}</td>
        <td class="mono">{screen === null ? actor : <a href={href(screen)}>{actor}</a>}</td>
        <td class="mono">{event.type}</td>
        <td class="nowrap">
          {from === null ? '✱ ' : from === to ? '' : `${from} → `}
          <b>{to}</b>
        </td>
        <td>
          <button
            type="button"
            class="plain"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'less' : 'JSON'}
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={6}>
            <pre tabIndex={0}>{JSON.stringify(record, null, 2)}</pre>
          </td>
        </tr>
      )}
    </>
  );
}

/** Journal lines as a table, each with its JSON. */
export function Records({
  records,
  caption,
}: {
  records: readonly JournalRecord[];
  caption: string;
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table class="records">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">seq</th>
            <th scope="col">time</th>
            <th scope="col">actor</th>
            <th scope="col">event</th>
            <th scope="col">state</th>
            <th scope="col">
              <span class="hidden">more</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <Row key={record.seq} record={record} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
