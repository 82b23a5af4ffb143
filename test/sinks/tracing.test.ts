import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import type { JournalRecord } from '../../store/record.ts';
import { TracingSink } from '../../sinks/tracing.ts';
import { goldenRecords } from './metrics/golden.ts';

/** Spans of a journal, as an SDK gets them. */
function traced(records: readonly JournalRecord[], from = 0): readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const sink = new TracingSink(provider.getTracer('test'));
  for (const record of records.slice(0, from)) sink.prime(record);
  for (const record of records.slice(from)) sink.take(record);
  return exporter.getFinishedSpans();
}

const ms = ([seconds, nanos]: readonly [number, number]): number => seconds * 1000 + nanos / 1e6;
const seconds = ({ startTime, endTime }: ReadableSpan): number =>
  (ms(endTime) - ms(startTime)) / 1000;
const traceOf = (span: ReadableSpan): string => span.spanContext().traceId;

test('each try of a call is a trace, and each of its attempts a span in it', () => {
  const records = goldenRecords('recovery');
  const spans = traced(records);
  const calls = spans.filter(({ name }) => name === 'call');
  expect(calls).toHaveLength(7);
  expect(new Set(calls.map(traceOf)).size).toBe(7);
  const attempts = spans.filter(({ name }) => name !== 'call');
  const ended = records.filter(({ event }) => /^attempt\.(succeeded|failed)$/.test(event.type));
  expect(attempts).toHaveLength(ended.length);
  for (const attempt of attempts) {
    const parent = calls.find(
      (call) => call.spanContext().spanId === attempt.parentSpanContext?.spanId,
    );
    expect(parent && traceOf(parent)).toBe(traceOf(attempt));
    expect(ms(attempt.startTime)).toBeGreaterThanOrEqual(ms(parent?.startTime ?? [0, 0]));
    expect(ms(attempt.endTime)).toBeLessThanOrEqual(ms(parent?.endTime ?? [0, 0]));
  }
});

test('an attempt says how long it took, which one it was and what went wrong', () => {
  const spans = traced(goldenRecords('simulated-503'));
  const [script] = spans.filter(({ name }) => name === 'LLM script');
  expect(script?.attributes).toMatchObject({ 'gen_ai.operation.name': 'chat' });
  const speech = spans.filter(({ name }) => name === 'ElevenLabs speech');
  expect(speech.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([
    undefined,
    1,
    2,
    3,
  ]);
  for (const span of speech) {
    expect(span.attributes).toMatchObject({
      'error.type': 'ServiceUnavailable',
      'http.response.status_code': 503,
      'call_agent.error.category': 'TRANSIENT_ERROR',
    });
    expect(seconds(span)).toBeLessThan(1);
  }
  const call = spans.find(({ name }) => name === 'call');
  expect(call?.attributes).toMatchObject({
    'call_agent.status': 'failed',
    'error.type': 'ServiceUnavailable',
  });
  expect(seconds(call!)).toBeGreaterThanOrEqual(35);
});

test('a call that began before this start keeps its beginning, and what it had is not told again', () => {
  const records = goldenRecords('normal-call');
  const whole = traced(records);
  const begun = records.findIndex(({ event }) => event.type === 'attempt.succeeded') + 1;
  const rest = traced(records, begun);
  expect(rest).toHaveLength(whole.length - 1);
  const [callBefore, callAfter] = [whole, rest].map((spans) =>
    spans.find(({ name }) => name === 'call'),
  );
  expect(callAfter?.startTime).toEqual(callBefore?.startTime);
});

test('no span holds a name or a number', () => {
  const text = JSON.stringify(
    traced(goldenRecords('recovery')).map(({ name, attributes }) => [name, attributes]),
  );
  expect(text).not.toMatch(/\+1415|Lovelace/);
});

test('without an SDK nothing happens', () => {
  const sink = new TracingSink();
  for (const record of goldenRecords('recovery')) sink.take(record);
  expect(sink.snapshot()).toEqual({ calls: [], requests: [] });
});
