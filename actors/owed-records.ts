import type { CallSettings } from '../machines/call-protocol.ts';
import { seedOf } from '../machines/random.ts';
import { requestMachine } from '../machines/request.ts';
import type { RequestInput, RequestResult } from '../machines/request-protocol.ts';
import type { TimerHandle } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { JournalRecord } from '../store/record.ts';

/** Writes under way at the same time: a CRM that is just back is not to be run over. */
const AT_ONCE = 4;
/** After a write that failed, when nothing says earlier that the CRM is back. */
const RETRY_MS = 5 * 60_000;

/**
 * The CRM writes that calls have left owing. Each is made as a request of its own: when the agent
 * starts, when the CRM shows that it is back, and five minutes after one has failed. It repeats the
 * write, never the call, and its key is the call's, so that the CRM knows one it has already.
 */
export class OwedRecords {
  readonly #runtime: Runtime;
  readonly #settings: CallSettings;
  readonly #underWay = new Set<string>();
  /** Permanently refused in this life of the agent: no use asking again and again. */
  readonly #refused = new Set<string>();
  #isBack = true;
  #timer: TimerHandle | null = null;
  #isClosed = false;
  #waiters: (() => void)[] = [];

  constructor(runtime: Runtime, settings: CallSettings) {
    this.#runtime = runtime;
    this.#settings = settings;
    runtime.journal.on('record', (record) => {
      const isOwing = record.machine === 'call' && record.done === true;
      if (!(isOwing || showsCrm(record)) || runtime.ledger.owed().length === 0) return;
      queueMicrotask(() => (isOwing ? this.#writeLater() : this.write()));
    });
  }

  /** Makes the writes that are owed, a few at a time, until one fails for now. */
  write(): void {
    if (this.#isClosed) return;
    this.#isBack = true;
    this.#fill();
  }

  /** Resolves when none is under way. */
  settled(): Promise<void> {
    if (this.#underWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) this.#runtime.clock.clearTimeout(this.#timer);
  }

  #fill(): void {
    const { ledger } = this.#runtime;
    for (const contact of ledger.owed()) {
      if (this.#underWay.size >= AT_ONCE || !this.#isBack) break;
      // Called once more just now: what comes of that is the result to record.
      if (ledger.get(contact)?.status === 'active') continue;
      if (!this.#underWay.has(contact) && !this.#refused.has(contact)) this.#begin(contact);
    }
    if (this.#underWay.size > 0) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #begin(contact: string): void {
    const { roots, ledger } = this.#runtime;
    const made = ledger.records(contact);
    const running = idOf(contact, made);
    this.#underWay.add(contact);
    if (made > 0 && roots.get(running)) return this.#watch(contact, running);
    const id = idOf(contact, made + 1);
    roots.start(requestMachine.id, id, this.#input(contact, id));
    this.#watch(contact, id);
  }

  #watch(contact: string, id: string): void {
    this.#runtime.roots.onEnd(id, (output) => {
      const result = output as RequestResult | undefined;
      this.#underWay.delete(contact);
      if (result?.status === 'failed' && result.error?.scope === 'contact') {
        this.#refused.add(contact);
      } else if (result?.status !== 'succeeded') this.#stopForNow();
      queueMicrotask(() => this.#fill());
    });
  }

  #stopForNow(): void {
    this.#isBack = false;
    this.#writeLater();
  }

  #writeLater(): void {
    if (this.#timer !== null || this.#isClosed) return;
    this.#timer = this.#runtime.clock.setTimeout(() => {
      this.#timer = null;
      this.write();
    }, RETRY_MS);
  }

  #input(contact: string, id: string): RequestInput {
    const { ledger, clock } = this.#runtime;
    const entry = ledger.get(contact);
    const { policies } = this.#settings;
    return {
      id,
      service: 'CRM',
      operation: 'record',
      payload: {
        contact,
        simulated: false,
        key: entry?.root ?? id,
        disposition: entry?.disposition ?? null,
        durationMs: entry?.durationMs ?? null,
        placed: entry?.placed ?? null,
        at: entry?.dialledAt ?? clock.now(),
      },
      once: false,
      owned: false,
      policy: policies['CRM'] ?? policies.default,
      seed: seedOf(id),
      corr: `call:${contact}`,
      at: clock.now(),
    };
  }
}

const idOf = (contact: string, number: number): string =>
  number === 1 ? `record:${contact}` : `record:${contact}.${number}`;

/** The breaker lets somebody through again, or a write has just been taken. */
function showsCrm({ actor, from, to }: JournalRecord): boolean {
  if (actor === 'breaker:CRM') return from !== to && (to === 'closed' || to === 'halfOpen');
  return to === 'succeeded' && /^call:[^/]*\/record$/.test(actor);
}
