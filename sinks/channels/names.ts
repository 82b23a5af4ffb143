import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../store/make-folder.ts';
import { writing } from '../../store/storage-error.ts';
import { shortHash } from './words.ts';

const hash = z.string().regex(/^[\da-f]{6}$/);
const keptSchema = z.object({
  v: z.literal(1),
  /** By the plain name: `email`, `slack`. */
  names: z.record(z.string(), z.object({ holder: hash, own: z.array(hash) })),
});
type Kept = z.infer<typeof keptSchema>['names'];

/**
 * Which address has which name, so that a name once given stays its own, in whatever order the
 * addresses stand: the journal knows by it what a channel was told. In `data/cursors/`, by hashes of
 * the addresses.
 */
export class ChannelNames {
  readonly #file: string | null;
  readonly #kept: Map<string, Kept[string]>;
  #isChanged = false;

  /** @param dir the data folder, which is only read. @default none: nothing is remembered */
  constructor(dir: string | null = null) {
    this.#file = dir === null ? null : path.join(dir, 'cursors', 'alert-channels.json');
    this.#kept = new Map(Object.entries(this.#file === null ? {} : read(this.#file)));
  }

  /**
   * Names for addresses of one kind, each with a hash of its address behind the plain name, but for
   * one. Whoever has the plain name keeps it while set up. When its holder is gone, somebody has
   * corrected it: the first that never had another name takes its place, and what waits there.
   * @param addresses each of them once
   */
  give(plain: string, addresses: readonly string[]): string[] {
    const hashes = addresses.map(shortHash);
    const before = this.#kept.get(plain);
    const isThere = before !== undefined && hashes.includes(before.holder);
    const heir = hashes.find((one) => before?.own.includes(one) !== true);
    const holder = isThere ? before.holder : heir;
    const others = hashes.filter((one) => one !== holder);
    this.#keep(plain, holder ?? before?.holder, [...(before?.own ?? []), ...others]);
    return hashes.map((one) => (one === holder ? plain : `${plain}:${one}`));
  }

  /** Puts on disk what is new; for whoever has the folder to himself. @throws StorageError */
  save(): void {
    const file = this.#file;
    if (file === null || !this.#isChanged) return;
    const kept = { v: 1, names: Object.fromEntries(this.#kept) } satisfies z.infer<
      typeof keptSchema
    >;
    writing(file, () => {
      makeFolder(path.dirname(file));
      const draft = `${file}.new`;
      fs.writeFileSync(draft, `${JSON.stringify(kept)}\n`, { flush: true, mode: 0o600 });
      fs.renameSync(draft, file);
    });
    this.#isChanged = false;
  }

  #keep(plain: string, holder: string | undefined, names: readonly string[]): void {
    const before = this.#kept.get(plain);
    const own = [...new Set(names)];
    if (holder === undefined) return;
    if (before?.holder === holder && before.own.length === own.length) return;
    this.#kept.set(plain, { holder, own });
    this.#isChanged = true;
  }
}

/** A file that can't be used is as good as none: then the first address has the plain name. */
function read(file: string): Kept {
  try {
    return keptSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8'))).names;
  } catch {
    return {};
  }
}
