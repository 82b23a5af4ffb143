import path from 'node:path';
import { realFileSystem, type FileSystem } from './file-system.ts';
import { isCompressed } from './raw-lines.ts';
import { rootOf, type JournalRecord } from './record.ts';
import { firstSeqOf, listSegments, readJournal, type Tail } from './segments.ts';

/** Actors that live as long as the folder; that they go on keeps no file from being closed. */
const longLived = new Set(['agent', 'breaker', 'health', 'incident', 'silence']);
/** Records that are read before others get a turn. */
const SLICE = 2_000;

/** One file of a journal. */
export interface Surveyed {
  readonly file: string;
  readonly isArchived: boolean;
  readonly records: number;
  /** Lines of a campaign, a call or a request stand in it. */
  readonly hasWork: boolean;
  /** Campaigns, calls and requests that have begun by its end, and not ended by the journal's. */
  readonly unfinished: number;
  /** One of them. */
  readonly example: string | null;
}

export interface CampaignSpan {
  /** Places in the list of files. */
  readonly first: number;
  readonly last: number;
  readonly isFinished: boolean;
}

export interface Survey {
  readonly segments: readonly Surveyed[];
  readonly campaigns: ReadonlyMap<string, CampaignSpan>;
  readonly tail: Tail;
}

interface Work {
  readonly since: number;
  readonly campaign: string | null;
}

/** Which files hold what, and what of it is unfinished. In memory stand the unfinished alone. */
class Surveyor {
  readonly #files: readonly string[];
  readonly #records: number[];
  readonly #hasWork: boolean[];
  readonly #unfinished = new Map<string, Work>();
  readonly #campaigns = new Map<string, { first: number; last: number; isFinished: boolean }>();
  #index = 0;
  #nextFirst: number;

  constructor(files: readonly string[]) {
    this.#files = files;
    this.#nextFirst = this.#firstOf(1);
    this.#records = files.map(() => 0);
    this.#hasWork = files.map(() => false);
  }

  apply(record: JournalRecord): void {
    while (record.seq >= this.#nextFirst) this.#nextFirst = this.#firstOf(++this.#index + 1);
    const index = this.#index;
    this.#records[index] = (this.#records[index] ?? 0) + 1;
    if (longLived.has(record.machine)) return;
    this.#hasWork[index] = true;
    const root = rootOf(record.actor);
    const work = this.#unfinished.get(root) ?? { since: index, campaign: campaignOf(record) };
    if (work.campaign !== null) this.#span(work.campaign).last = index;
    const isRoot = root === record.actor;
    if (isRoot && record.machine === 'campaign' && work.campaign !== null) {
      this.#span(work.campaign).isFinished = record.done === true;
    }
    if (isRoot && record.done) this.#unfinished.delete(root);
    else this.#unfinished.set(root, work);
  }

  result(tail: Tail): Survey {
    const begun = this.#files.map(() => ({ count: 0, example: null as string | null }));
    for (const [id, { since }] of this.#unfinished) {
      const there = begun[since];
      if (!there) continue;
      there.count++;
      there.example ??= id;
    }
    let [unfinished, example] = [0, null as string | null];
    const segments = this.#files.map((file, index) => {
      unfinished += begun[index]?.count ?? 0;
      example ??= begun[index]?.example ?? null;
      return {
        file,
        isArchived: isCompressed(file),
        records: this.#records[index] ?? 0,
        hasWork: this.#hasWork[index] ?? false,
        unfinished,
        example,
      };
    });
    return { segments, campaigns: this.#campaigns, tail };
  }

  #firstOf(index: number): number {
    const file = this.#files[index];
    return file === undefined ? Infinity : firstSeqOf(file);
  }

  #span(campaign: string): { last: number; isFinished: boolean } {
    const known = this.#campaigns.get(campaign);
    if (known) return known;
    const span = { first: this.#index, last: this.#index, isFinished: false };
    this.#campaigns.set(campaign, span);
    return span;
  }
}

/** Which campaign a root belongs to, by the first line that is seen of it. */
function campaignOf({ actor, event }: JournalRecord): string | null {
  const root = rootOf(actor);
  if (root.startsWith('campaign:')) return root.slice('campaign:'.length);
  const campaign = (event['input'] as { campaign?: unknown } | undefined)?.campaign;
  return typeof campaign === 'string' ? campaign : null;
}

/**
 * Reads a journal whole, and says what its files hold. It yields now and then, so that whoever has
 * other things to do can do them; nothing is yielded between the last record and the result.
 * @throws JournalError where it is damaged
 */
export function* surveyJournal(
  dir: string,
  disk: FileSystem = realFileSystem,
): Generator<{ readonly file: string }, Survey> {
  const surveyor = new Surveyor(listSegments(dir, disk));
  let after: Tail | undefined;
  for (;;) {
    let count = 0;
    const visit = (record: JournalRecord): boolean => {
      surveyor.apply(record);
      return ++count < SLICE;
    };
    const tail: Tail = readJournal(dir, visit, { disk, onBase: null, ...(after && { after }) });
    if (count < SLICE) return surveyor.result(tail);
    after = tail;
    yield { file: path.basename(tail.file ?? '') };
  }
}
