import type { AnyActorRef } from 'xstate';
import { isDeepStrictEqual } from 'node:util';
import path from 'node:path';
import type { AgentContext } from '../machines/agent.ts';
import {
  defaultBreakerOptions,
  type BreakerOptions,
  type BreakerRef,
} from '../machines/breaker.ts';
import type { CampaignEvent, WorkerInput } from '../machines/campaign-protocol.ts';
import type { CheckInput, HealthOptions, HealthRef } from '../machines/health.ts';
import { machines } from '../machines/registry.ts';
import type { AttemptInput } from '../machines/request-protocol.ts';
import type { Ref } from '../machines/results.ts';
import type { Artefacts } from '../store/artefacts.ts';
import { ContactTable } from '../store/contacts.ts';
import { definitionHashes } from '../store/definition.ts';
import { Journal, type JournalOptions } from '../store/journal.ts';
import { Ledger, namedBy } from '../store/ledger.ts';
import { LiveRoots, type RootState } from '../store/live-roots.ts';
import { lockFolder, type Lock } from '../store/lock.ts';
import { PlacedCalls } from '../store/placed-calls.ts';
import { copyOfNote } from '../store/writer-note.ts';
import { makeFolder } from '../store/make-folder.ts';
import type { Tail } from '../store/segments.ts';
import { AdmissionDesk } from './admission.ts';
import type { Operation, Refusal } from './attempt.ts';
import type { Clock } from './clock.ts';
import type { EffectScope } from './effect.ts';
import type { History } from './history.ts';
import { isAlerting } from './incidents.ts';
import { provideLogic } from './provide.ts';
import { Recorder, type Observer } from './recorder.ts';
import { haltOthers, recover, resume } from './restore.ts';
import { Roots } from './roots.ts';
import { Snapshots, type SnapshotOptions, type SnapshotSource } from './snapshots.ts';
import { statusOf, type Status } from './status.ts';
import type { Times } from './wall-time.ts';

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
  /** Who has to know what was recorded before this start. */
  readonly histories?: readonly History[];
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

export interface Storage extends Pick<
  JournalOptions,
  'disk' | 'durability' | 'later' | 'segmentBytes' | 'sync'
> {
  readonly snapshots?: SnapshotOptions;
}

/** What makes the machines run for real: journal, clock, effects, admission, and the running roots. */
export class Runtime {
  readonly dir: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly contacts: ContactTable;
  readonly artefacts: Artefacts;
  readonly ledger = new Ledger();
  readonly placed = new PlacedCalls();
  readonly desk: AdmissionDesk;
  readonly roots: Roots;
  readonly recorder: Recorder;
  readonly secrets: readonly string[];
  /** Functions that callers handed to a guard, by their request's id. */
  readonly callers = new Map<string, Operation>();
  readonly #lock: Lock;
  readonly #startedAt: number;
  readonly #options: RuntimeOptions;
  readonly #live = new LiveRoots();
  readonly #snapshots: Snapshots;
  /** Where the journal goes on behind the snapshot of this start. */
  readonly #after: Tail | null;
  /** Roots that were stopped ahead of the others, as they were; null when that can't be told. */
  #halted: readonly RootState[] | null = [];
  /** Every live root is at work here: only then can a snapshot be made. */
  #isWhole = false;
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
    makeFolder(options.dir);
    this.#lock = lockFolder(options.dir);
    try {
      this.contacts = ContactTable.open(path.join(options.dir, 'contacts'), options.storage?.disk);
      this.contacts.sweep();
      this.#snapshots = this.#makeSnapshots();
      this.#after = this.#snapshots.restore(this.#live);
      for (const contact of this.ledger.contacts()) this.contacts.reserve(contact);
      this.journal = this.#openJournal();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    this.clock = options.makeClock(this.journal.at);
    this.#startedAt = this.clock.now();
    this.desk = new AdmissionDesk(this.clock);
    this.recorder = new Recorder({
      journal: this.journal,
      clock: this.clock,
      onEmitted: (emitted) => this.desk.hear(emitted),
      onFatal: (error) => this.#die(error),
      observers: options.observers,
    });
    const effects = options.effects(this);
    const onDefect = (error: unknown): void => this.#die(error);
    this.roots = new Roots(provideLogic(this, effects, onDefect), this.recorder, onDefect);
  }

  /**
   * Goes on with some of the live actors only; the others stay as they are, for the next start.
   * @param isMine by their root's id
   */
  beginPart(isMine: (root: string) => boolean): void {
    this.#goOn(isMine);
  }

  /**
   * Goes on with every live actor, and notes the start in the journal.
   * @param isAsked the campaigns that go on to begin contacts, by their root's id; the others are
   *   stopped. @default none
   */
  begin(isAsked: (root: string) => boolean = () => false): void {
    const wasCutOff = this.journal.seq > 0 && this.#live.last?.event.type !== 'agent.stopped';
    this.#goOn(() => true, isAsked);
    // Nothing that was started just now has had a turn to write one.
    if (wasCutOff) this.artefacts.sweep(namedBy(this.ledger.entries()));
    this.#snapshots.sweep();
    this.#isWhole = true;
    this.journal.on('record', () => this.#snapshots.count(this.#source));
    const { version, simulated } = this.#options;
    const known = this.roots.get('agent');
    if (known) this.#startAfresh(known);
    const agent = known ?? this.roots.start('agent', 'agent', undefined);
    agent.send({
      type: 'agent.started',
      at: this.clock.now(),
      wall: this.clock.wall(),
      speed: this.clock.speed,
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

  /** What is needed to tell how long ago something was, and when by the computer's clock. */
  get times(): Times {
    const agent = this.roots.get('agent')?.getSnapshot() as { context: AgentContext } | undefined;
    const lives = agent?.context.lives ?? [];
    return { clock: this.clock, startedAt: this.#startedAt, lives };
  }

  /** What went wrong without harm; empty when all is well. */
  problems(): string[] {
    const { problem } = this.#snapshots;
    return problem === null ? [] : [problem];
  }

  status(): Status {
    return statusOf(this.desk.services(), (id) => {
      const snapshot = this.roots.get(id)?.getSnapshot() as
        | { value: string; context: Record<string, unknown> }
        | undefined;
      return snapshot && { state: snapshot.value, context: snapshot.context };
    });
  }

  /** Whoever was alive is at work again. */
  get hasBegun(): boolean {
    return this.#isWhole;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Stops the work where it stands, but not whoever tells people of it. */
  halt(): void {
    // The agent has yet to say goodbye.
    const isSpared = (id: string): boolean => id === 'agent' || isAlerting(id);
    this.#halted = this.#states((id) => !isSpared(id));
    this.roots.stopAll(isSpared);
  }

  /** The journal's last word, and nothing happens any more. */
  sayGoodbye(): void {
    if (this.#isClosed) return;
    this.roots.get('agent')?.send({ type: 'agent.stopped', at: this.clock.now() });
    this.#halted = this.#states();
    this.roots.stopAll();
  }

  /** Stops everything where it stands; the next start goes on from there. */
  close(): void {
    if (this.#isClosed) return;
    this.sayGoodbye();
    if (this.#isWhole) this.#snapshots.close(this.#source);
    this.kill();
  }

  /** As {@link close}, without a word in the journal: it can't be written. */
  kill(): void {
    this.#isClosed = true;
    this.#snapshots.abandon();
    this.roots.stopAll();
    this.journal.close();
    this.contacts.close();
    this.#lock.release();
  }

  #makeSnapshots(): Snapshots {
    const { dir, storage, histories = [], version } = this.#options;
    return new Snapshots({
      dir,
      disk: storage?.disk,
      // The program's own version, because a guard or an action may have changed as well.
      definitions: { ...definitionHashes(machines), program: version },
      histories: [this.ledger, this.placed, ...histories],
      ...storage?.snapshots,
    });
  }

  /** Every live root as it is; null in the middle of a turn. */
  #states(isWanted?: (id: string) => boolean): readonly RootState[] | null {
    if (!this.#halted || !this.recorder.isAtRest) return null;
    return [...this.#halted, ...this.roots.states(isWanted)];
  }

  get #source(): SnapshotSource {
    return { journal: this.journal, roots: () => this.#states() };
  }

  #openJournal(): Journal {
    const dir = path.join(this.dir, 'journal');
    const journal = Journal.open(dir, {
      ...this.#options.storage,
      noteCopy: copyOfNote(dir),
      after: this.#after,
      onRecord: (record) => {
        this.ledger.apply(record);
        this.placed.apply(record);
        this.#live.apply(record);
        this.#snapshots.read();
        for (const history of this.#options.histories ?? []) history.apply(record);
        if (record.actor.startsWith('call:')) this.contacts.reserve(record.actor.slice(5));
      },
    });
    journal.on('record', (record) => {
      this.ledger.apply(record);
      this.placed.apply(record);
      if (record.event.type !== 'attempt.succeeded') return;
      this.artefacts.settle((record.event['ref'] as Ref | undefined)?.['artefact']);
    });
    journal.on('failed', (error) => this.#die(error));
    return journal;
  }

  /** Once: whoever waits for the disk, and the recorder, meet the same failure. */
  #die(error: unknown): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#options.onFatal(error);
  }

  #goOn(isMine: (root: string) => boolean, isAsked: (root: string) => boolean = () => true): void {
    const now = (): number => this.clock.now();
    const downMs = now() - this.journal.at;
    const recovered = recover({
      dir: path.join(this.dir, 'journal'),
      ...(this.#options.storage?.disk && { disk: this.#options.storage.disk }),
      logic: machines,
      journal: this.journal,
      live: this.#live,
      after: this.#after,
      now,
    });
    this.#live.release();
    haltOthers(recovered, now, isAsked);
    resume(recovered, now, downMs, isMine);
    const { fold } = recovered;
    const ids = fold.roots().filter(isMine);
    for (const id of ids) this.roots.adopt(fold.machineOf(id), id, fold.compose(id));
    for (const id of ids) {
      if (id.startsWith('breaker:')) this.desk.add(id.slice(8), this.roots.get(id) as BreakerRef);
    }
    for (const id of ids) this.roots.startAdopted(id);
  }
}
