import type { AnyActorRef } from 'xstate';
import { isDeepStrictEqual } from 'node:util';
import fs from 'node:fs';
import path from 'node:path';
import type { AgentContext } from '../machines/agent.ts';
import {
  defaultBreakerOptions,
  type BreakerOptions,
  type BreakerRef,
} from '../machines/breaker.ts';
import type { CampaignEvent, WorkerInput } from '../machines/campaign-protocol.ts';
import type { CheckInput, HealthEvent, HealthOptions, HealthRef } from '../machines/health.ts';
import { machines } from '../machines/registry.ts';
import type { AttemptInput } from '../machines/request-protocol.ts';
import type { Artefacts } from '../store/artefacts.ts';
import { ContactTable } from '../store/contacts.ts';
import { definitionHashes } from '../store/definition.ts';
import type { Logic } from '../store/fold.ts';
import { Journal, type JournalOptions } from '../store/journal.ts';
import type { JournalRecord } from '../store/record.ts';
import { Ledger } from '../store/ledger.ts';
import { lockFolder, type Lock } from '../store/lock.ts';
import { AdmissionDesk } from './admission.ts';
import { makeAttempt, type Operation, type Refusal } from './attempt.ts';
import type { Clock } from './clock.ts';
import { makeEffect, makeTimer, type EffectScope } from './effect.ts';
import { toFailure } from './failure.ts';
import { isAlerting } from './incidents.ts';
import { redact } from './redact.ts';
import { Recorder, type Observer } from './recorder.ts';
import { LiveRoots, recover, resume } from './restore.ts';
import { Roots } from './roots.ts';
import { statusOf, type Status } from './status.ts';

/** What the product's actors do when a machine asks for it. */
export interface Effects {
  readonly operation: (input: AttemptInput) => Operation | undefined;
  readonly prepare?: (input: AttemptInput) => Promise<Refusal | undefined>;
  /** Resolves when the service works, throws when it doesn't. */
  readonly check: (input: CheckInput, signal: AbortSignal) => Promise<void>;
  readonly worker: (scope: EffectScope<WorkerInput, CampaignEvent>) => Promise<void>;
}

export interface RuntimeOptions {
  /** The data folder. */
  readonly dir: string;
  readonly version: string;
  readonly artefacts: Artefacts;
  /** Sees every record of earlier starts, in order. */
  readonly onHistory?: (record: JournalRecord) => void;
  /** @param notBefore time of the last journal line */
  readonly makeClock: (notBefore: number) => Clock;
  readonly effects: (runtime: Runtime) => Effects;
  /** Services that the simulated world stands in for. */
  readonly simulated: readonly string[];
  readonly secrets: readonly string[];
  readonly observers: readonly Observer[];
  /** Something that can't be survived: the journal can't be written. */
  readonly onFatal: (error: unknown) => void;
  /** How the journal is kept. @default on the real disk, `group` */
  readonly storage?: Storage;
}

export type Storage = Pick<
  JournalOptions,
  'disk' | 'durability' | 'later' | 'segmentBytes' | 'sync'
>;

/** What makes the machines run for real: journal, clock, effects, admission, and the running roots. */
export class Runtime {
  readonly dir: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly contacts: ContactTable;
  readonly artefacts: Artefacts;
  readonly ledger = new Ledger();
  readonly desk: AdmissionDesk;
  readonly roots: Roots;
  readonly recorder: Recorder;
  readonly secrets: readonly string[];
  /** Functions that callers handed to a guard, by their request's id. */
  readonly callers = new Map<string, Operation>();
  readonly #lock: Lock;
  readonly #options: RuntimeOptions;
  readonly #logic: Logic;
  readonly #live = new LiveRoots();
  #isClosed = false;
  #isDead = false;

  /**
   * Takes the folder's lock and reads its journal; {@link begin} goes on with what it holds.
   * @throws LockedError when another process works on the folder
   * @throws JournalError when its journal is damaged
   */
  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.dir = options.dir;
    this.artefacts = options.artefacts;
    this.secrets = options.secrets;
    fs.mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    this.#lock = lockFolder(options.dir);
    try {
      this.contacts = ContactTable.open(path.join(options.dir, 'contacts'), options.storage?.disk);
      this.contacts.sweep();
      this.journal = this.#openJournal();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    this.clock = options.makeClock(this.journal.at);
    this.desk = new AdmissionDesk(this.clock);
    this.recorder = new Recorder({
      journal: this.journal,
      clock: this.clock,
      onEmitted: (emitted) => this.desk.hear(emitted),
      onFatal: (error) => this.#die(error),
      observers: options.observers,
    });
    this.#logic = this.#provide();
    this.roots = new Roots(this.#logic, this.recorder);
  }

  /**
   * Goes on with some of the live actors only; the others stay as they are, for the next start.
   * @param isMine by their root's id
   */
  beginPart(isMine: (root: string) => boolean): void {
    this.#goOn(isMine);
  }

  /** Goes on with every live actor, and notes the start in the journal. */
  begin(): void {
    this.#goOn();
    const { version, simulated } = this.#options;
    const known = this.roots.get('agent');
    if (known) this.#startAfresh(known);
    const agent = known ?? this.roots.start('agent', 'agent', undefined);
    agent.send({
      type: 'agent.started',
      at: this.clock.now(),
      version,
      simulated,
      definitions: definitionHashes(machines),
    });
  }

  /**
   * A simulated service and the real one have nothing to learn from each other's past. Before the
   * new start is noted: a crash in between must not leave it undone.
   */
  #startAfresh(agent: AnyActorRef): void {
    const { simulated } = this.#options;
    const before = (agent.getSnapshot() as { context: AgentContext }).context.simulated;
    const others = [...before, ...simulated].filter(
      (service) => before.includes(service) !== simulated.includes(service),
    );
    for (const service of others) {
      const at = this.clock.now();
      this.roots
        .get(`breaker:${service}`)
        ?.send({ type: 'breaker.reset', at, by: 'service changed' });
      this.roots.get(`health:${service}`)?.send({ type: 'health.restart', at });
    }
  }

  /** The service's breaker, made on first use; new options take effect on one that exists. */
  guardService(service: string, options: BreakerOptions = defaultBreakerOptions): BreakerRef {
    const id = `breaker:${service}`;
    let breaker = this.roots.get(id) as BreakerRef | undefined;
    breaker ??= this.roots.start('breaker', id, { service, options }) as BreakerRef;
    if (!isDeepStrictEqual(breaker.getSnapshot().context.options, options)) {
      breaker.send({ type: 'breaker.configure', at: this.clock.now(), options });
    }
    this.desk.add(service, breaker);
    return breaker;
  }

  /** The service's health checker, made on first use. */
  watchService(service: string, options: HealthOptions): HealthRef {
    const id = `health:${service}`;
    const at = this.clock.now();
    let health = this.roots.get(id) as HealthRef | undefined;
    health ??= this.roots.start('health', id, { service, options, at }) as HealthRef;
    if (!isDeepStrictEqual(health.getSnapshot().context.options, options)) {
      health.send({ type: 'health.configure', at, options });
    }
    return health;
  }

  /** Whether a root was alive when this start began. */
  wasAlive(root: string): boolean {
    return this.#live.has(root);
  }

  status(): Status {
    return statusOf(this.desk.services(), (id) => {
      const snapshot = this.roots.get(id)?.getSnapshot() as
        | { value: string; context: Record<string, unknown> }
        | undefined;
      return snapshot && { state: snapshot.value, context: snapshot.context };
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Stops the work where it stands, but not whoever tells people of it. */
  halt(): void {
    // The agent has yet to say goodbye.
    this.roots.stopAll((id) => id === 'agent' || isAlerting(id));
  }

  /** Stops everything where it stands; the next start goes on from there. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.roots.get('agent')?.send({ type: 'agent.stopped', at: this.clock.now() });
    this.kill();
  }

  /** As {@link close}, without a word in the journal: it can't be written. */
  kill(): void {
    this.#isClosed = true;
    this.roots.stopAll();
    this.journal.close();
    this.contacts.close();
    this.#lock.release();
  }

  #openJournal(): Journal {
    const journal = Journal.open(path.join(this.dir, 'journal'), {
      ...this.#options.storage,
      onRecord: (record) => {
        this.ledger.apply(record);
        this.#live.apply(record);
        this.#options.onHistory?.(record);
        if (record.actor.startsWith('call:')) this.contacts.reserve(record.actor.slice(5));
      },
    });
    journal.on('record', (record) => this.ledger.apply(record));
    journal.on('failed', (error) => this.#die(error));
    return journal;
  }

  /** Once: whoever waits for the disk, and the recorder, meet the same failure. */
  #die(error: unknown): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#options.onFatal(error);
  }

  #goOn(isMine: (root: string) => boolean = () => true): void {
    const now = (): number => this.clock.now();
    const downMs = now() - this.journal.at;
    const recovered = recover({
      dir: path.join(this.dir, 'journal'),
      ...(this.#options.storage?.disk && { disk: this.#options.storage.disk }),
      logic: machines,
      journal: this.journal,
      live: this.#live,
      now,
    });
    resume(recovered, now, downMs, isMine);
    const { fold } = recovered;
    const ids = fold.roots().filter(isMine);
    for (const id of ids) this.roots.adopt(fold.machineOf(id), id, fold.compose(id));
    for (const id of ids) {
      if (id.startsWith('breaker:')) this.desk.add(id.slice(8), this.roots.get(id) as BreakerRef);
    }
    for (const id of ids) this.roots.startAdopted(id);
  }

  #provide(): Logic {
    const { effects: makeEffects } = this.#options;
    const onFatal = (error: unknown): void => this.#die(error);
    const effects = makeEffects(this);
    const { clock } = this;
    const timer = makeTimer(clock);
    const attempt = makeAttempt({
      clock,
      journal: this.journal,
      desk: this.desk,
      operation: (input) => this.#operation(input, effects),
      ...(effects.prepare && { prepare: effects.prepare }),
      redact: (text, { payload }) => this.#redact(text, payload['contact']),
      onDefect: onFatal,
    });
    const check = makeEffect<CheckInput, HealthEvent>(
      (scope) => this.#check(scope, effects),
      onFatal,
    );
    const worker = makeEffect<WorkerInput, CampaignEvent>(effects.worker, onFatal);
    const request = machines.request.provide({ actors: { timer, attempt } });
    return {
      agent: machines.agent,
      breaker: machines.breaker.provide({ actors: { timer } }),
      call: machines.call.provide({ actors: { timer, request } }),
      campaign: machines.campaign.provide({ actors: { timer, worker } }),
      health: machines.health.provide({ actors: { timer, check } }),
      incident: machines.incident.provide({ actors: { timer } }),
      request,
      silence: machines.silence.provide({ actors: { timer } }),
    };
  }

  #operation(input: AttemptInput, effects: Effects): Operation {
    const operation = this.callers.get(input.id) ?? effects.operation(input);
    if (operation) return operation;
    return () => Promise.reject(new Error(`nobody carries out "${input.operation}"`));
  }

  #redact(text: string, contact?: unknown): string {
    const person = typeof contact === 'string' ? this.contacts.get(contact) : undefined;
    return redact(text, this.secrets, person);
  }

  async #check(scope: EffectScope<CheckInput, HealthEvent>, effects: Effects): Promise<void> {
    const { service, timeoutMs } = scope.input;
    const timedOut = new Error(`no answer within ${timeoutMs / 1000} s`);
    const handle = this.clock.setTimeLimit(() => scope.abort(timedOut), timeoutMs);
    scope.onStop(() => this.clock.clearTimeout(handle));
    try {
      await effects.check(scope.input, scope.signal);
      scope.send({ type: 'check.passed', at: this.clock.now() });
    } catch (error) {
      const redact = (text: string): string => this.#redact(text);
      const failure = toFailure(error, service, { redact, isCallers: true });
      scope.send({ type: 'check.failed', at: this.clock.now(), error: failure });
    } finally {
      this.clock.clearTimeout(handle);
    }
  }
}
