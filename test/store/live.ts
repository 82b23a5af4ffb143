import { createActor, fromCallback, type AnyActorRef, type AnyStateMachine } from 'xstate';
import { defaultBreakerOptions } from '../../machines/breaker.ts';
import { defaultRetryPolicy } from '../../machines/backoff.ts';
import type { CallInput } from '../../machines/call-protocol.ts';
import { machines } from '../../machines/registry.ts';
import type { Failure, Ref } from '../../machines/results.ts';
import type { Clock } from '../../runtime/clock.ts';
import { Recorder } from '../../runtime/recorder.ts';
import type { Logic } from '../../store/fold.ts';
import { definitionHashes } from '../../store/definition.ts';
import type { Journal } from '../../store/journal.ts';
import { asJson, openJournal, START, tempDir } from './support.ts';

/** Runs and does nothing: what an effect would tell its machine, the test sends by hand. */
const inert = fromCallback(() => {}) as never;

const request = machines.request.provide({ actors: { timer: inert, attempt: inert } });

const provided: Logic = {
  agent: machines.agent,
  breaker: machines.breaker.provide({ actors: { timer: inert } }),
  call: machines.call.provide({ actors: { timer: inert, request } }),
  campaign: machines.campaign.provide({ actors: { timer: inert, worker: inert } }),
  health: machines.health.provide({ actors: { timer: inert, check: inert } }),
  request,
};

/** What stood in the journal, and what the live actors were, when nothing was under way. */
export interface Still {
  readonly seq: number;
  readonly persisted: { readonly [root: string]: unknown };
}

interface Sent {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** The real machines, live, journalled by the real recorder, on a clock that moves when told. */
export class Live {
  readonly dir = tempDir();
  readonly journal: Journal;
  readonly stills: Still[] = [];
  readonly recorder: Recorder;
  readonly emitted: unknown[] = [];
  now = START;
  readonly #roots = new Map<string, AnyActorRef>();
  readonly #logic: Logic;

  constructor(logic: Logic = provided) {
    this.#logic = logic;
    this.journal = openJournal(this.dir);
    const clock: Clock = {
      now: () => this.now,
      wall: () => this.now,
      speed: 1,
      setTimeout: () => ({}),
      setTimeLimit: () => ({}),
      clearTimeout: () => {},
    };
    this.recorder = new Recorder({
      journal: this.journal,
      clock,
      onEmitted: (emitted) => void this.emitted.push(emitted),
      onFatal: (error) => {
        throw error;
      },
      observers: [],
    });
  }

  /** Begins a root's life. */
  start(machine: string, id: string, input?: unknown): this {
    const logic = this.#logic[machine] as AnyStateMachine;
    const ref = createActor(logic, { id, input, inspect: this.recorder.inspect }) as AnyActorRef;
    ref.subscribe({ error: () => {} });
    this.#roots.set(id, ref);
    ref.start();
    this.#note();
    return this;
  }

  /** Sends to the actor at a path, one second later. */
  send(path: string, event: Sent): this {
    this.now += 1_000;
    this.ref(path).send({ at: this.now, ...event });
    this.#note();
    return this;
  }

  ref(path: string): AnyActorRef {
    const [root, ...children] = path.split('/');
    return children.reduce<AnyActorRef>((ref, id) => {
      const found = (ref.getSnapshot() as { children: Record<string, AnyActorRef> }).children[id];
      if (!found) throw new Error(`${path} is not running`);
      return found;
    }, this.#roots.get(root!)!);
  }

  state(path: string): unknown {
    return (this.ref(path).getSnapshot() as { value: unknown }).value;
  }

  #note(): void {
    const persisted: Record<string, unknown> = {};
    for (const [id, ref] of this.#roots) {
      const { status } = ref.getSnapshot() as { status: string };
      if (status === 'active') persisted[id] = asJson(ref.getPersistedSnapshot());
    }
    this.stills.push({ seq: this.journal.seq, persisted });
  }
}

export const settings: CallInput['settings'] = {
  policies: { default: defaultRetryPolicy },
  pollMs: 2_000,
  settleMs: 5_000,
  followForMs: 60_000,
  maxDials: 4,
  maxLookups: 5,
  redialAfterMs: [],
};

export const callInput = (id: string, more: Partial<CallInput> = {}): CallInput => ({
  id,
  contact: id.replace(/^call:/, '').replace(/\.\d+$/, ''),
  campaign: 'spring',
  worker: 0,
  script: null,
  speech: null,
  simulated: true,
  redials: 0,
  settings,
  ...more,
});

const admitted = { generation: 0, probe: false };

export const worked = (ref: Ref = {}): Sent => ({ type: 'attempt.succeeded', ref, ...admitted });

export const failure = (more: Partial<Failure> = {}): Failure => ({
  category: 'TRANSIENT_ERROR',
  kind: 'ServiceUnavailable',
  scope: null,
  service: 'ElevenLabs',
  code: 503,
  status: 503,
  message: 'HTTP 503',
  retryAfterMs: null,
  ambiguous: true,
  ...more,
});

export const broke = (more: Partial<Failure> = {}): Sent => ({
  type: 'attempt.failed',
  error: failure(more),
  ...admitted,
});

export const fired: Sent = { type: 'timer.fired' };

/** One call from script to CRM: a retried request, a dial in doubt that is looked up, two polls. */
export function wholeCall(live: Live, id = 'call:0007'): Live {
  return live
    .start('call', id, callInput(id))
    .send(id, { type: 'call.begin' })
    .send(`${id}/script`, worked({ artefact: 'aa.txt' }))
    .send(`${id}/speech`, broke())
    .send(`${id}/speech`, fired)
    .send(`${id}/speech`, worked({ artefact: 'bb.mp3' }))
    .send(`${id}/dial`, broke({ service: 'Telephony', kind: 'Timeout' }))
    .send(id, fired)
    .send(`${id}/lookup`, worked({ found: false }))
    .send(`${id}/dial`, worked({ call: 'CA1' }))
    .send(id, fired)
    .send(`${id}/follow`, worked({ ended: false }))
    .send(id, fired)
    .send(`${id}/follow`, worked({ ended: true, disposition: 'answered', durationMs: 31_000 }))
    .send(`${id}/record`, worked({ note: '1' }));
}

/** A service that goes down and comes back, as its breaker sees it. */
export function breakerStory(live: Live, id = 'breaker:ElevenLabs'): Live {
  const outcome = (type: string, generation: number): Sent => ({
    type: `request.${type}`,
    generation,
    by: 'call:0007/speech',
    corr: 'call:0007',
    ...(type === 'failed' && { error: 'TRANSIENT_ERROR' }),
  });
  return live
    .start('breaker', id, { service: 'ElevenLabs', options: defaultBreakerOptions })
    .send(id, outcome('failed', 0))
    .send(id, outcome('failed', 0))
    .send(id, outcome('failed', 0))
    .send(id, fired)
    .send(id, { type: 'probe.claimed', by: 'call:0007/speech', corr: 'call:0007' })
    .send(id, outcome('succeeded', 2));
}

/** The agent notes which machines it runs. */
export function agentStarted(live: Live, definitions = definitionHashes(machines)): Live {
  return live
    .start('agent', 'agent')
    .send('agent', { type: 'agent.started', version: '1.0.0', simulated: [], definitions });
}

/** Everything that is ever alive at once: agent, breaker, health, a campaign and two calls. */
export function wholeStory(): Live {
  const live = agentStarted(new Live());
  breakerStory(live);
  live
    .start('health', 'health:CRM', {
      service: 'CRM',
      options: { intervalMs: 30_000, timeoutMs: 5_000 },
      at: live.now,
    })
    .send('health:CRM', fired)
    .send('health:CRM', { type: 'check.failed', error: failure({ service: 'CRM' }) })
    .send('health:CRM', fired)
    .send('health:CRM', { type: 'check.passed' })
    .start('campaign', 'campaign:spring', { id: 'campaign:spring', total: 3, concurrency: 2 })
    .send('campaign:spring', { type: 'campaign.begin' });
  wholeCall(live);
  return live
    .send('campaign:spring', {
      type: 'contact.settled',
      worker: 0,
      contact: '0007',
      status: 'completed',
      error: null,
    })
    .start('call', 'call:0008', callInput('call:0008', { worker: 1 }))
    .send('call:0008', { type: 'call.begin' });
}
