import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../store/make-folder.ts';

/** A place in the journal, and a sink's state behind it as plain JSON. */
export interface Checkpoint {
  /** Of the last record whose effect is done. */
  readonly seq: number;
  readonly state: unknown;
}

interface Saved extends Checkpoint {
  /** Of the state's shape. */
  readonly version: number;
}

interface Restorable {
  readonly version?: number;
  restore?(state: unknown): void;
}

/** Letters that a file's name may hold everywhere. */
const fileName = (sink: string): string => `${sink.replace(/[^A-Za-z0-9_.-]/g, '_')}.json`;

/**
 * Where a sink has left off, in `data/cursors/<sink>.json`. It is written after the effect, so
 * that a crash repeats a record and never skips one.
 */
export class Cursor {
  readonly #file: string;
  readonly #saved: Saved | null;

  /** @param dir the folder of all cursors */
  constructor(dir: string, sink: string) {
    this.#file = path.join(dir, fileName(sink));
    this.#saved = read(this.#file);
  }

  /** The seq it was left at; null when everything is still to be taken. */
  get start(): number | null {
    return this.#saved?.seq ?? null;
  }

  /** Gives the sink its state back, where it can still read it. */
  restore(sink: Restorable): void {
    if (!this.#saved || this.#saved.version !== (sink.version ?? 1)) return;
    if (this.#saved.state !== null) sink.restore?.(this.#saved.state);
  }

  /** Resolves when it is on disk; a power cut leaves either the one before or this. */
  async save({ seq, state }: Checkpoint, version = 1): Promise<void> {
    const dir = path.dirname(this.#file);
    makeFolder(dir);
    const temporary = `${this.#file}.new`;
    const handle = await fs.promises.open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ seq, version, state } satisfies Saved)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.promises.rename(temporary, this.#file);
    await syncFolder(dir);
  }
}

async function syncFolder(dir: string): Promise<void> {
  // Windows gives no handle for a folder; a rename is durable there by itself.
  if (process.platform === 'win32') return;
  const handle = await fs.promises.open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What can't be used counts as not there: a repeat is better than a gap. */
function read(file: string): Saved | null {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { seq, version, state } = JSON.parse(text) as Partial<Saved>;
    if (!Number.isSafeInteger(seq) || seq === undefined || seq < 0) return null;
    return { seq, version: version ?? 1, state: state ?? null };
  } catch {
    return null;
  }
}
