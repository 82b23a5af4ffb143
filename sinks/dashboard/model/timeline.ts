import type { Failure } from '../../../machines/results.ts';
import type { JournalRecord } from '../../../store/record.ts';

/** A piece of a call's time. */
export interface Span {
  readonly kind: 'attempt' | 'wait' | 'refused';
  /** Null while it goes on. */
  readonly outcome: 'ok' | 'failed' | null;
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
  readonly seq: number;
  readonly error: Failure | null;
}

/** One step of a call: the attempts and waits of its request. */
export interface Lane {
  /** `speech`; a further try's `speech (2)`. */
  readonly name: string;
  readonly service: string;
  readonly spans: Span[];
}

interface Open {
  readonly lane: Lane;
  kind: 'attempt' | 'wait';
  from: number;
  seq: number;
}

const refusedIn = (record: JournalRecord): Failure | null =>
  record.event.type === 'attempt.refused'
    ? ((record.event['error'] ?? null) as Failure | null)
    : null;

function laneName(actor: string): string {
  const [root = '', ...rest] = actor.split('/');
  const again = /\.(\d+)$/.exec(root)?.[1];
  const step = rest.join('/') || root;
  return again === undefined ? step : `${step} (${again})`;
}

/** What a call's journal lines say of how its time went, a lane for each step in order. */
export function timelineOf(records: readonly JournalRecord[]): Lane[] {
  const lanes: Lane[] = [];
  const open = new Map<string, Open>();
  for (const record of records) {
    if (record.machine !== 'request') continue;
    const { actor, at, seq, to, from, context, event, done } = record;
    if (from === null) {
      const lane = { name: laneName(actor), service: String(context?.['service']), spans: [] };
      lanes.push(lane);
      open.set(actor, { lane, kind: 'attempt', from: at, seq });
      continue;
    }
    const current = open.get(actor);
    if (!current) continue;
    endSpan(current, record);
    if (done) open.delete(actor);
    else {
      current.kind = to === 'waiting' ? 'wait' : 'attempt';
      current.from = event.type === 'resumed' && to === from ? current.from : at;
      current.seq = seq;
    }
  }
  for (const { lane, kind, from, seq } of open.values()) {
    lane.spans.push({ kind, outcome: null, from, to: null, seq, error: null });
  }
  return lanes;
}

function endSpan({ lane, kind, from, seq }: Open, record: JournalRecord): void {
  const { event, at } = record;
  const refusal = refusedIn(record);
  if (event.type === 'attempt.refused') {
    lane.spans.push({
      kind: 'refused',
      outcome: 'failed',
      from: at,
      to: at,
      seq: record.seq,
      error: refusal,
    });
    return;
  }
  if (event.type === 'resumed' && kind === 'wait') return;
  const isFailed = kind === 'attempt' && event.type !== 'attempt.succeeded';
  const error = event.type === 'attempt.failed' ? (event['error'] as Failure) : null;
  const outcome = isFailed ? 'failed' : 'ok';
  lane.spans.push({ kind, outcome, from, to: at, seq: kind === 'wait' ? seq : record.seq, error });
}
