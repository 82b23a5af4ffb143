import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { CallResult } from '../machines/call-protocol.ts';
import type { RequestContext } from '../machines/request-protocol.ts';
import type { Failure } from '../machines/results.ts';
import { rootOf, type JournalRecord } from '../store/record.ts';
import { isMeasured } from './metrics/services.ts';
import type { Sink } from './sink.ts';

interface OpenRequest {
  readonly service: string;
  readonly operation: string;
  readonly retries: number;
  /** When the attempt under way began; epoch ms. */
  readonly attemptAt: number;
}

interface State {
  readonly calls: readonly (readonly [string, number])[];
  readonly requests: readonly (readonly [string, OpenRequest])[];
}

/** OpenTelemetry's names for what an LLM is asked (semantic conventions for generative AI). */
const genAi: { readonly [operation: string]: Attributes } = {
  script: { 'gen_ai.operation.name': 'chat' },
};

/**
 * Each try of a call as a trace, each attempt as a span in it, for whatever OpenTelemetry SDK the
 * process has registered. Without one the API does nothing.
 */
export class TracingSink implements Sink {
  readonly name = 'tracing';
  readonly #tracer: Tracer;
  /** When each call under way began. */
  readonly #calls = new Map<string, number>();
  readonly #requests = new Map<string, OpenRequest>();
  readonly #spans = new Map<string, Span>();

  constructor(tracer: Tracer = trace.getTracer('ai-call-agent')) {
    this.#tracer = tracer;
  }

  prime(record: JournalRecord): void {
    this.#follow(record);
  }

  take(record: JournalRecord): void {
    const { actor, machine } = record;
    const request = this.#requests.get(actor);
    if (machine === 'call' && actor === rootOf(actor) && record.from === null) {
      this.#spans.set(actor, this.#startCall(actor, record.at));
    }
    if (request) this.#traceAttempt(record, request);
    if (machine === 'call' && record.done) this.#endCall(record);
    this.#follow(record);
  }

  snapshot(): State {
    return { calls: [...this.#calls], requests: [...this.#requests] };
  }

  restore(state: unknown): void {
    const { calls, requests } = state as State;
    for (const [call, at] of calls) this.#calls.set(call, at);
    for (const [actor, request] of requests) this.#requests.set(actor, request);
  }

  #follow({ actor, machine, at, from, to, done, context = {} }: JournalRecord): void {
    if (machine === 'call' && actor === rootOf(actor)) {
      if (done) this.#calls.delete(actor);
      else if (from === null) this.#calls.set(actor, at);
    }
    if (machine !== 'request') return;
    if (done) return void this.#requests.delete(actor);
    const { service, operation, retries } = context as Partial<RequestContext>;
    const known = this.#requests.get(actor);
    const before = known ?? { service: service ?? '', operation: operation ?? '', retries: 0 };
    const isNewAttempt = !known || (to === 'attempting' && from !== null);
    const attemptAt = isNewAttempt ? at : known.attemptAt;
    this.#requests.set(actor, { ...before, retries: retries ?? before.retries, attemptAt });
  }

  #startCall(call: string, startTime: number): Span {
    const attributes = { 'call_agent.call': call };
    return this.#tracer.startSpan('call', { startTime, attributes }, ROOT_CONTEXT);
  }

  /** A call that began before this start has its span from the first thing that happens to it now. */
  #spanOf(call: string): Span | null {
    const startedAt = this.#calls.get(call);
    const known = this.#spans.get(call);
    if (known || startedAt === undefined) return known ?? null;
    const span = this.#startCall(call, startedAt);
    this.#spans.set(call, span);
    return span;
  }

  #traceAttempt({ actor, at, event, from }: JournalRecord, request: OpenRequest): void {
    const { service, operation, retries, attemptAt } = request;
    const isEnd =
      event.type.startsWith('attempt.') || (event.type === 'resumed' && from === 'attempting');
    if (!isEnd || !isMeasured(service)) return;
    const parent = this.#spanOf(rootOf(actor));
    const span = this.#tracer.startSpan(
      `${service} ${operation}`,
      {
        kind: SpanKind.CLIENT,
        startTime: attemptAt,
        attributes: {
          'call_agent.service': service,
          'call_agent.operation': operation,
          ...genAi[operation],
          ...(retries > 0 && { 'http.request.resend_count': retries }),
          ...(event['probe'] === true && { 'resilience.breaker.probe': true }),
        },
      },
      parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
    );
    if (event.type === 'resumed') fail(span, 'interrupted', 'The agent was stopped');
    else if (event['error']) blame(span, event['error'] as Failure);
    span.end(at);
  }

  #endCall({ actor, at, context = {} }: JournalRecord): void {
    const span = this.#spanOf(actor);
    this.#spans.delete(actor);
    if (!span) return;
    const result = context['result'] as CallResult | undefined;
    if (result) {
      span.setAttributes({
        'call_agent.status': result.status,
        ...(result.disposition !== null && { 'call_agent.disposition': result.disposition }),
      });
      if (result.error && result.status !== 'completed') blame(span, result.error);
    } else fail(span, 'defect', 'The call ended without a result');
    span.end(at);
  }
}

function fail(span: Span, type: string, message: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

function blame(span: Span, { kind, category, status, message }: Failure): void {
  fail(span, kind, message);
  span.setAttribute('call_agent.error.category', category);
  if (status !== null) span.setAttribute('http.response.status_code', status);
}
