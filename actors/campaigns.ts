import path from 'node:path';
import type { CallingRules } from '../config.ts';
import { UserError } from '../errors.ts';
import type { CampaignRef } from '../machines/campaign.ts';
import type { CampaignContext } from '../machines/campaign-protocol.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ContactListInfo } from '../store/contacts.ts';
import { hashOf, importList } from './campaign-import.ts';
import { nameOf } from './campaign-list.ts';
import { sweepRejected } from './contacts/rejected-csv.ts';
import { noneToHalt } from './campaign-offline.ts';
import { Comebacks } from './comeback.ts';
import { reportCampaign, type CampaignReport } from './report.ts';

export interface CampaignOptions {
  /** Contacts worked on at the same time. @default 4 */
  readonly concurrency?: number;
  /** ISO 3166 code of the country that a number without one belongs to. @default none: refused */
  readonly defaultCountry?: string;
  /** Calls everybody on a list once more whose campaign is done. @default false: it is reported */
  readonly again?: boolean;
}

/**
 * The campaign that a start goes on with: of a list that is run, or one by its name, null for the
 * only one.
 */
export type Asked =
  | { readonly file: string; readonly again?: boolean }
  | { readonly campaign: string | null };

export interface EndOptions {
  /** Stay also when a campaign has paused itself, or only contacts due later are left. @default false */
  readonly wait?: boolean;
}

const DEFAULT_CONCURRENCY = 4;
/** A contact that is due sooner is waited for. */
const LONGEST_SIT_OUT_MS = 5 * 60_000;
const rootId = (campaign: string): string => `campaign:${campaign}`;

/** The campaigns of a data folder: begins, continues, watches and reports them. */
export class Campaigns {
  readonly #runtime: Runtime;
  readonly #rules: CallingRules;
  readonly #comebacks: Comebacks;
  /** How many wait for a campaign's end. */
  readonly #watchers = new Map<string, number>();
  /** Those whose end, before this start, nobody may have heard of. */
  readonly #unheard: ReadonlySet<string>;
  /** Ended ones that were asked for once. */
  readonly #told = new Set<string>();
  /** Lists are taken in one after another: the second of two of the same file goes on with it. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(runtime: Runtime, rules: CallingRules) {
    this.#runtime = runtime;
    sweepRejected(runtime.dir);
    this.#rules = rules;
    this.#unheard = new Set(runtime.ledger.unheard());
    this.#comebacks = new Comebacks(runtime, (campaign, by) => this.resume(campaign, by));
    runtime.journal.on('record', ({ machine, actor, from, to }) => {
      if (machine !== 'breaker' || to !== 'closed' || from === 'closed' || from === null) return;
      queueMicrotask(() => this.#wake(actor.replace(/^breaker:/, '')));
    });
  }

  /**
   * Opens the campaign of a contact list: the one of a list of the same content, unfinished or
   * done, or a new one.
   * @returns its name
   * @throws UserError when the file can't be used
   */
  open(file: string, options: CampaignOptions = {}): Promise<string> {
    const opening = this.#opening.then(() => this.#open(file, options));
    this.#opening = opening.catch(() => {});
    return opening;
  }

  /**
   * Takes up a campaign that has not come to its end, or that came to it by going on at this start.
   * @param campaign the only one when null
   * @returns its name
   * @throws UserError when there is none, or several and none is named
   */
  reopen(campaign: string | null, by: string, concurrency?: number): string {
    return this.#goOn(this.#toResume(campaign), concurrency, by);
  }

  /**
   * What {@link open} or {@link reopen} will go on with, before anything is started.
   * @returns null when that is none of those that are there
   * @throws UserError as these do
   */
  async asked(what: Asked): Promise<string | null> {
    if ('campaign' in what) return this.#toResume(what.campaign);
    const { file, again = false } = what;
    return this.#known(file, await hashOf(file), again)?.campaign ?? null;
  }

  #toResume(campaign: string | null): string {
    const open = this.#runtime.contacts
      .campaigns()
      .map((info) => info.campaign)
      .filter((name) => this.isUnfinished(name) || this.#hasJustEnded(name));
    const [first, ...others] = campaign === null ? open : [campaign];
    if (first === undefined) throw new UserError('There is no unfinished campaign to resume.');
    if (others.length > 0) {
      throw new UserError(`Several campaigns are unfinished: name one of ${open.join(', ')}.`);
    }
    if (!open.includes(first)) throw this.#over(first);
    return first;
  }

  /**
   * Resolves when nobody works on the campaign any more: it is done, paused, or only contacts that
   * are due later are left; and when it is stopped, whoever is under way then.
   */
  ended(campaign: string, { wait = false }: EndOptions = {}): Promise<void> {
    const root = this.#root(campaign);
    if (!root) return Promise.resolve();
    this.#watch(campaign, 1);
    const end = new Promise<void>((resolve) => {
      const look = (): void => {
        const { context, value } = root.getSnapshot();
        if (value === 'stopped') resolve();
        if (context.active > 0) return;
        if (value === 'undecided' || (value === 'paused' && !wait)) resolve();
        else if (value === 'paused' && context.haltedBy === null) {
          this.#comebacks.await(campaign, root);
        } else if (value === 'holding' && !wait && this.#isDueLater(context)) resolve();
      };
      root.subscribe({ next: look, complete: resolve, error: () => resolve() });
      look();
    });
    return end.finally(() => this.#watch(campaign, -1));
  }

  /**
   * Goes on after a pause or a stop; after an error one contact goes alone first.
   * @throws UserError when there is no such campaign, or it has come to its end
   */
  resume(campaign: string, by: string): void {
    const root = this.#rootOrRefuse(campaign);
    const isTrial = root.getSnapshot().context.pausedBy !== null;
    root.send({ type: 'campaign.resume', at: this.#runtime.clock.now(), by, isTrial });
  }

  /** Starts nobody any more; contacts under way come to their end. @throws UserError as resume */
  pause(campaign: string, by: string): void {
    const at = this.#runtime.clock.now();
    this.#rootOrRefuse(campaign).send({ type: 'campaign.pause', at, by });
  }

  /** As {@link pause}, and whoever waits for its end waits no longer. @throws UserError as resume */
  stop(campaign: string, by: string): void {
    const at = this.#runtime.clock.now();
    this.#rootOrRefuse(campaign).send({ type: 'campaign.stop', at, by });
  }

  /** Contacts of the campaign's list. */
  size(campaign: string): number {
    return this.#runtime.contacts.size(campaign);
  }

  report(campaign: string): CampaignReport {
    const { contacts, ledger } = this.#runtime;
    const info = contacts.info(campaign);
    if (!info) throw new UserError(`There is no campaign called ${campaign}.`);
    const snapshot = this.#root(campaign)?.getSnapshot();
    const root = snapshot ? { state: snapshot.value, context: snapshot.context } : null;
    // With nobody waiting for it, a campaign that holds for contacts due later is left to itself.
    const isLeft = root?.state === 'holding' && root.context.heldBy === null;
    const isRunning = !isLeft || (this.#watchers.get(campaign) ?? 0) > 0;
    return reportCampaign({ info, list: contacts.list(campaign), ledger, root, isRunning });
  }

  /** Somebody has stopped it. */
  isStopped(campaign: string): boolean {
    return this.#root(campaign)?.getSnapshot().value === 'stopped';
  }

  /** Campaigns that have not come to their end. */
  unfinished(): string[] {
    return this.#runtime.contacts
      .campaigns()
      .map(({ campaign }) => campaign)
      .filter((campaign) => this.isUnfinished(campaign));
  }

  async #open(file: string, options: CampaignOptions): Promise<string> {
    const { concurrency = DEFAULT_CONCURRENCY, defaultCountry, again = false } = options;
    if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 1000)) {
      throw new RangeError(`concurrency must be a whole number from 1 to 1000, got ${concurrency}`);
    }
    const same = this.#known(file, await hashOf(file), again);
    if (same) {
      this.#told.add(same.campaign);
      return this.#goOn(same.campaign, concurrency, 'campaign run');
    }
    const { contacts, dir } = this.#runtime;
    const campaign = nameOf(file, (name) => contacts.info(name) !== null);
    await importList(file, { campaign, contacts, dir, rules: this.#rules, defaultCountry });
    this.#start(campaign, concurrency);
    return campaign;
  }

  /** @throws UserError when the file has changed and its campaign is not finished */
  #known(file: string, sourceHash: string, again: boolean): ContactListInfo | undefined {
    const all = this.#runtime.contacts.campaigns();
    const same = this.#sameList(
      all.filter((info) => info.sourceHash === sourceHash),
      again,
    );
    const source = path.resolve(file);
    const changed = all.find((info) => info.source === source && this.isUnfinished(info.campaign));
    if (!same && changed) throw changedFile(file, changed);
    return same;
  }

  /**
   * Of the campaigns of one list the one that is asked for: what is unfinished; one whose end was
   * not heard of, also by somebody who asked for another round; and without that the last one.
   */
  #sameList(campaigns: readonly ContactListInfo[], again: boolean): ContactListInfo | undefined {
    const open = campaigns.find(({ campaign }) => this.isUnfinished(campaign));
    const untold = ({ campaign }: ContactListInfo): boolean =>
      this.#hasJustEnded(campaign) && !this.#told.has(campaign);
    return open ?? campaigns.find(untold) ?? (again ? undefined : this.#lastOf(campaigns));
  }

  #lastOf(campaigns: readonly ContactListInfo[]): ContactListInfo | undefined {
    const order = this.#runtime.ledger.campaigns();
    return campaigns
      .toSorted((a, b) => order.indexOf(a.campaign) - order.indexOf(b.campaign))
      .at(-1);
  }

  /** By going on at this start, or where the life before was cut off. */
  #hasJustEnded(campaign: string): boolean {
    return this.#runtime.wasAlive(rootId(campaign)) || this.#unheard.has(campaign);
  }

  #root(campaign: string): CampaignRef | undefined {
    return this.#runtime.roots.get(rootId(campaign)) as CampaignRef | undefined;
  }

  /** Nobody is waited for but the clock, and not for long enough to sit it out. */
  #isDueLater({ heldBy, dueAt }: CampaignContext): boolean {
    return heldBy === null && (dueAt ?? 0) - this.#runtime.clock.now() > LONGEST_SIT_OUT_MS;
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
    this.#comebacks.close();
  }

  #rootOrRefuse(campaign: string): CampaignRef {
    const root = this.#root(campaign);
    if (root) return root;
    throw this.#over(campaign);
  }

  #over(campaign: string): UserError {
    return noneToHalt(campaign, this.#runtime.contacts.info(campaign) !== null);
  }

  #watch(campaign: string, change: 1 | -1): void {
    this.#watchers.set(campaign, (this.#watchers.get(campaign) ?? 0) + change);
  }

  /** Its list is there, but a crash came before its root's birth: it is begun now. */
  #isUnbegun(campaign: string): boolean {
    return !this.#isAlive(campaign) && !this.#runtime.ledger.hasCampaign(campaign);
  }

  isUnfinished(campaign: string): boolean {
    return this.#isAlive(campaign) || this.#isUnbegun(campaign) || this.#isInDoubt(campaign);
  }

  #isAlive(campaign: string): boolean {
    const { hasBegun } = this.#runtime;
    return hasBegun ? this.#root(campaign) !== undefined : this.#runtime.wasAlive(rootId(campaign));
  }

  /** Contacts of which nobody knows whether they were called must not be called by a new campaign. */
  #isInDoubt(campaign: string): boolean {
    return this.#runtime.ledger.unknown().some((entry) => entry.campaign === campaign);
  }

  #goOn(campaign: string, concurrency: number | undefined, by: string): string {
    const { clock } = this.#runtime;
    if (this.#isUnbegun(campaign)) this.#start(campaign, concurrency ?? DEFAULT_CONCURRENCY);
    const root = this.#root(campaign);
    const snapshot = root?.getSnapshot();
    if (!root || !snapshot) return campaign;
    if (concurrency !== undefined && snapshot.context.concurrency !== concurrency) {
      root.send({ type: 'campaign.configure', at: clock.now(), concurrency });
    }
    if (snapshot.value === 'paused' || snapshot.value === 'stopped') {
      this.resume(campaign, by);
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
      'put the file back as it was to finish it. Under another name the changed list is a campaign ' +
      'of its own, and calls everybody on it.',
  );
