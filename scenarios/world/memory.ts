import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { makeFolder } from '../../store/make-folder.ts';
import { CALL_OUTCOMES } from './call-progress.ts';
import type { CrmRecord } from './crm.ts';
import type { PlacedCall } from './switchboard.ts';

const callLine = z.object({
  call: z.object({
    sid: z.string(),
    to: z.string(),
    from: z.string(),
    at: z.number(),
    created: z.number().optional(),
    outcome: z.enum(CALL_OUTCOMES),
  }),
});
const recordLine = z.object({
  record: z.object({
    id: z.string(),
    at: z.number(),
    properties: z.record(z.string(), z.unknown()),
  }),
});
const memoryLine = z.union([callLine, recordLine]);

type MemoryLine = { readonly call: PlacedCall } | { readonly record: CrmRecord };

/**
 * What the providers must not forget when the process that simulates them is killed: one line of
 * JSON for each. It holds contact details, so it is the owner's alone to read.
 * @throws RangeError when `file` is empty
 * @throws UserError when a line of `file` is not of this memory
 */
export class Memory {
  /** From earlier lives, oldest first. */
  readonly calls: readonly PlacedCall[];
  /** From earlier lives, oldest first. */
  readonly records: readonly CrmRecord[];
  readonly #file: string | null;
  #endsInLine: boolean;

  /** Without a file nothing is kept. */
  constructor(file: string | null) {
    if (file === '') throw new RangeError('memoryFile must be a path, got an empty string');
    const text = file === null ? '' : read(file);
    const lines = text.split('\n').flatMap((line, i) => parse(line, `${file}:${i + 1}`));
    this.calls = lines.flatMap((line) => ('call' in line ? [line.call] : []));
    this.records = lines.flatMap((line) => ('record' in line ? [line.record] : []));
    this.#file = file;
    this.#endsInLine = text === '' || text.endsWith('\n');
  }

  /** Returns when a kill can no longer undo it; a power cut can. */
  keep(line: MemoryLine): void {
    if (this.#file === null) return;
    const start = this.#endsInLine ? '' : '\n';
    this.#endsInLine = false;
    makeFolder(path.dirname(this.#file));
    fs.appendFileSync(this.#file, `${start}${JSON.stringify(line)}\n`, { mode: 0o600 });
    this.#endsInLine = true;
  }
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** None for a line that a kill has cut: it was to be whole before the answer, so nobody was told. */
function parse(line: string, where: string): MemoryLine[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return [];
  }
  const parsed = memoryLine.safeParse(value);
  if (parsed.success) return [parsed.data];
  throw new UserError(`${where} is not a line of the simulated world's memory.`);
}
