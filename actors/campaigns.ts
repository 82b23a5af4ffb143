import path from 'node:path';
import type { CallingRules } from '../config.ts';
import { UserError } from '../errors.ts';
import type { CampaignContext, CampaignRef } from '../machines/campaign.ts';
import type { TimerHandle } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ContactListInfo } from '../store/contacts.ts';
import { hashOf, importList } from './campaign-import.ts';
import { nameOf } from './campaign-list.ts';
import { reportCampaign, type CampaignReport } from './report.ts';

export interface CampaignOptions {
  /** Contacts worked on at the same time. @default 4 */
  readonly concurrency?: number;
  /** ISO 3166 code of the country that a number without one belongs to. @default none: refused */
  readonly defaultCountry?: string;
}

export interface EndOptions {
  /** Stay also when a campaign has paused itself, or only contacts due later are left. @default false */
  readonly wait?: boolean;
}

const DEFAULT_CONCURRENCY = 4;
/** A contact that is due sooner is waited for. */
const LONGEST_SIT_OUT_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
const rootId = (campaign: string): string => `campaign:${campaign}`;

/** The campaigns of a data folder: begins, continues, watches and reports them. */
export class Campaigns {
  readonly #runtime: Runtime;
  readonly #rules: CallingRules;
  /** Campaigns that wait for a service to be healthy again. */
  readonly #waiting = new Map<string, TimerHandle>();
  /** Ended ones that were asked for once. */
  readonly #told = new Set<string>();
  /** Lists are taken in one after another: the second of two of the same file goes on with it. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(runtime: Runtime, rules: CallingRules) {
    this.#runtime = runtime;
    this.#rules = rules;
    runtime.journal.on('record', ({ machine, actor, from, to }) => {
      if (machine !== 'breaker' || to !== 'closed' || from === 'closed' || from === null) return;
      queueMicrotask(() => this.#wake(actor.replace(/^breaker:/, '')));
    });
  }

  /**
   * Opens the campaign of a contact list: the unfinished one of the same file, or a new one.
   * @returns its name
   * @throws UserError when the file can't be used
   */
  open(file: string, options: CampaignOptions = {}): Promise<string> {
    const opening = this.#opening.then(() => this.#open(file, options));
    this.#opening = opening.catch(() => {});
    return opening;
  }

  /**
   * Resolves when nobody works on the campaign any more: it is done, paused or stopped, or only
   * contacts that are due later are left.
   */
  ended(campaign: string, { wait = false }: EndOptions = {}): Promise<void> {
    const root = this.#root(campaign);
    if (!root) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (): void => {
        const { context, value } = root.getSnapshot();
        if (context.active > 0) return;
        const isPausedByError = value === 'paused' && context.pausedBy !== null;
        if (isPausedByError && wait) this.#resumeWhenBack(campaign);
        else if (value === 'paused' || value === 'stopped') resolve();
        else if (value === 'holding' && !wait && this.#isDueLater(context)) resolve();
      };
      root.subscribe({ next: look, complete: resolve, error: () => resolve() });
      look();
    });
  }

  /** Goes on after a pause or a stop; after an error one contact goes alone first. */
  resume(campaign: string, by: string): void {
    const root = this.#root(campaign);
    const isTrial = root?.getSnapshot().context.pausedBy !== null;
    root?.send({ type: 'campaign.resume', at: this.#runtime.clock.now(), by, isTrial });
  }

  /** Contacts of the campaign's list. */
  size(campaign: string): number {
    return this.#runtime.contacts.size(campaign);
  }

  stop(campaign: string, by: string): void {
    this.#root(campaign)?.send({ type: 'campaign.stop', at: this.#runtime.clock.now(), by });
  }

  report(campaign: string): CampaignReport {
    const { contacts, ledger } = this.#runtime;
    const info = contacts.info(campaign);
    if (!info) throw new UserError(`There is no campaign called ${campaign}.`);
    const snapshot = this.#root(campaign)?.getSnapshot();
    const root = snapshot ? { state: snapshot.value, context: snapshot.context } : null;
    return reportCampaign({ info, list: contacts.list(campaign), ledger, root, isRunning: true });
  }

  /** Campaigns that have not come to their end. */
  unfinished(): string[] {
    return this.#runtime.contacts
      .campaigns()
      .map(({ campaign }) => campaign)
      .filter((campaign) => this.#isUnfinished(campaign));
  }

  async #open(file: string, options: CampaignOptions): Promise<string> {
    const { concurrency = DEFAULT_CONCURRENCY, defaultCountry } = options;
    if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 1000)) {
      throw new RangeError(`concurrency must be a whole number from 1 to 1000, got ${concurrency}`);
    }
    const source = path.resolve(file);
    const sourceHash = await hashOf(file);
    const unfinished = this.#runtime.contacts
      .campaigns()
      .filter((info) => info.source === source && this.#isUnfinished(info.campaign));
    const same =
      unfinished.find((info) => info.sourceHash === sourceHash) ??
      this.#justEnded(source, sourceHash);
    if (same) {
      this.#told.add(same.campaign);
      return this.#goOn(same.campaign, concurrency);
    }
    if (unfinished[0]) throw changedFile(file, unfinished[0]);
    const { contacts, dir } = this.#runtime;
    const campaign = nameOf(file, (name) => contacts.info(name) !== null);
    await importList(file, { campaign, contacts, dir, rules: this.#rules, defaultCountry });
    this.#start(campaign, concurrency);
    return campaign;
  }

  /** It came to its end by going on at this start: that is the run that is asked for. */
  #justEnded(source: string, sourceHash: string): ContactListInfo | undefined {
    const { contacts } = this.#runtime;
    const found = contacts
      .campaigns()
      .filter((info) => info.source === source && info.sourceHash === sourceHash)
      .find(
        ({ campaign }) => this.#runtime.wasAlive(rootId(campaign)) && !this.#told.has(campaign),
      );
    if (found) this.#told.add(found.campaign);
    return found;
  }

  #root(campaign: string): CampaignRef | undefined {
    return this.#runtime.roots.get(rootId(campaign)) as CampaignRef | undefined;
  }

  /** Nobody is waited for but the clock, and not for long enough to sit it out. */
  #isDueLater({ heldBy, dueAt }: CampaignContext): boolean {
    return heldBy === null && (dueAt ?? 0) - this.#runtime.clock.now() > LONGEST_SIT_OUT_MS;
  }

  /** Looks after a pause, each time twice as long, whether the service is healthy again. */
  #resumeWhenBack(campaign: string): void {
    if (this.#waiting.has(campaign)) return;
    const { clock } = this.#runtime;
    const root = this.#root(campaign);
    const { pauses, pausedBy } = root?.getSnapshot().context ?? { pauses: 1, pausedBy: null };
    const waitMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (pauses - 1));
    const look = (): void => {
      this.#waiting.delete(campaign);
      if (root?.getSnapshot().value !== 'paused') return;
      if (this.#isHealthy(pausedBy?.service)) this.resume(campaign, 'health check');
      else this.#waiting.set(campaign, clock.setTimeout(look, FIRST_PAUSE_MS));
    };
    this.#waiting.set(campaign, clock.setTimeout(look, waitMs));
  }

  /** A breaker has closed: whoever holds for its service need not wait for the probe. */
  #wake(service: string): void {
    const at = this.#runtime.clock.now();
    for (const id of this.#runtime.roots.ids()) {
      if (!id.startsWith('campaign:')) continue;
      this.#runtime.roots.get(id)?.send({ type: 'service.available', at, service });
    }
  }

  /** Waits for nothing any more. */
  close(): void {
    for (const handle of this.#waiting.values()) this.#runtime.clock.clearTimeout(handle);
    this.#waiting.clear();
  }

  #isHealthy(service = ''): boolean {
    return this.#runtime.status().services[service]?.health === 'HEALTHY';
  }

  /** Its list is there, but a crash came before its root's birth: it is begun now. */
  #isUnbegun(campaign: string): boolean {
    return !this.#root(campaign) && !this.#runtime.ledger.hasCampaign(campaign);
  }

  #isUnfinished(campaign: string): boolean {
    return (
      this.#root(campaign) !== undefined || this.#isUnbegun(campaign) || this.#isInDoubt(campaign)
    );
  }

  /** Contacts of which nobody knows whether they were called must not be called by a new campaign. */
  #isInDoubt(campaign: string): boolean {
    const { contacts, ledger } = this.#runtime;
    for (let index = 0; index < contacts.size(campaign); index++) {
      if (ledger.get(contacts.idAt(campaign, index) ?? '')?.status === 'unknown') return true;
    }
    return false;
  }

  #goOn(campaign: string, concurrency: number): string {
    const { clock } = this.#runtime;
    if (this.#isUnbegun(campaign)) this.#start(campaign, concurrency);
    const root = this.#root(campaign);
    const snapshot = root?.getSnapshot();
    if (!root || !snapshot) return campaign;
    if (snapshot.context.concurrency !== concurrency) {
      root.send({ type: 'campaign.configure', at: clock.now(), concurrency });
    }
    if (snapshot.value === 'paused' || snapshot.value === 'stopped') {
      this.resume(campaign, 'campaign run');
    }
    return campaign;
  }

  #start(campaign: string, concurrency: number): void {
    const id = rootId(campaign);
    const total = this.size(campaign);
    const root = this.#runtime.roots.start('campaign', id, { id, total, concurrency });
    root.send({ type: 'campaign.begin', at: this.#runtime.clock.now() });
  }
}

const changedFile = (file: string, { campaign }: ContactListInfo): UserError =>
  new UserError(
    `${file} has changed since its campaign "${campaign}" began, and that is not finished: ` +
      'put the file back as it was to finish it, or save the changed list under another name.',
  );
