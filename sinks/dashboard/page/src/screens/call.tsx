import { timelineOf, type Lane, type Span } from '../../../model/timeline.ts';
import { recordsOfCall } from '../call-records.ts';
import { duration } from '../format.ts';
import { Badge } from '../parts/badge.tsx';
import { Empty } from '../parts/empty.tsx';
import { Records } from '../parts/records.tsx';
import { Statechart } from '../parts/statechart.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { now, when } from '../store.ts';
import type { JournalRecord } from '../types.ts';

const kinds: { readonly [kind in Span['kind']]: string } = {
  attempt: 'attempt',
  wait: 'wait',
  refused: 'refused by the breaker',
};

function say({ kind, outcome, from, to, error }: Span): string {
  const length = to === null ? 'still going on' : duration(to - from);
  const end =
    kind === 'attempt'
      ? outcome === null
        ? ''
        : outcome === 'ok'
          ? ', went well'
          : ', failed'
      : '';
  return `${kinds[kind]}, ${length}${end}${error ? `: ${error.message}` : ''}`;
}

function LaneRow({ lane, from, to }: { lane: Lane; from: number; to: number }) {
  const length = Math.max(1, to - from);
  return (
    <div class="lane">
      <span class="name">
        {lane.name}
        <small>{lane.service}</small>
      </span>
      <svg
        viewBox="0 0 1000 24"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${lane.name}: ${lane.spans.map(say).join('; ')}`}
      >
        {lane.spans.map((span) => {
          const x = ((span.from - from) / length) * 1000;
          const width = Math.max(3, (((span.to ?? to) - span.from) / length) * 1000);
          return (
            <rect
              key={`${span.seq}-${span.kind}`}
              class={`${span.kind} ${span.outcome ?? 'going'}`}
              x={x}
              y={span.kind === 'wait' ? 10 : 3}
              width={width}
              height={span.kind === 'wait' ? 4 : 18}
            >
              <title>{say(span)}</title>
            </rect>
          );
        })}
      </svg>
    </div>
  );
}

function Timeline({ records }: { records: readonly JournalRecord[] }) {
  const lanes = timelineOf(records);
  const ends = lanes.flatMap(({ spans }) =>
    spans.flatMap(({ from, to }) => [from, to ?? now.value]),
  );
  if (ends.length === 0)
    return <Empty>Nothing has been asked of any service for this call yet.</Empty>;
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  return (
    <div class="timeline">
      {lanes.map((lane, index) => (
        <LaneRow key={`${lane.name}-${index}`} lane={lane} from={from} to={to} />
      ))}
      <p class="quiet">
        From {when(from)}, {duration(to - from)} in all. Thick bars are attempts (failed ones have a
        dashed edge), thin ones waits.
      </p>
    </div>
  );
}

export function CallScreen({ contact }: { contact: string }) {
  const call = `call:${contact}`;
  const { data: records, problem } = useAsked(
    (source, until) => recordsOfCall(source, call, until),
    call,
  );
  if (problem)
    return (
      <p class="problem" role="alert">
        {problem}
      </p>
    );
  if (!records) return <p class="quiet">…</p>;
  const own = records.findLast(({ machine }) => machine === 'call');
  if (!own) return <Empty>No call of the contact {contact} is known at this moment.</Empty>;
  const errors = records.filter(({ event }) => event.type === 'attempt.failed').toReversed();
  return (
    <>
      <h2>
        Call of contact {contact} <Badge state={own.to} />
      </h2>
      <Timeline records={records} />
      {errors.length > 0 && (
        <section aria-labelledby="errors">
          <h3 id="errors">Errors, latest first</h3>
          <ul class="plain">
            {errors.map(({ seq, at, event }) => (
              <li key={seq}>
                <b>{when(at)}</b> {String((event['error'] as { message?: string }).message)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <h3>Its machine</h3>
      <Statechart
        machine="call"
        state={own.to}
        last={own.from === null ? null : { from: own.from, to: own.to, event: own.event.type }}
      />
      <h3>Every record, latest first</h3>
      <Records
        records={records.toReversed()}
        caption={`Records of the call of contact ${contact}`}
      />
    </>
  );
}
