import { isAscii } from 'node:buffer';
import { crc32 } from 'node:zlib';
import path from 'node:path';
import { versionOf, type Projection } from './projection.ts';
import { formatCrc } from './record.ts';
import type { Tail } from './segments.ts';

const FORMAT = 'ai-call-agent/snapshot';
const FORMAT_VERSION = 1;

/** A line of a snapshot is about that long: what is made and written in one go. */
const SLICE_CHARS = 128 * 1024;

/** State that a snapshot holds, by the projection it is of. */
export interface SnapshotPart {
  readonly version: number;
  readonly state: unknown;
}

/** State in place of all the records up to a place of the journal. */
export interface Snapshot {
  /** Behind the last record that it holds. */
  readonly place: Tail;
  /** Hashes of the machines' definitions; none where no machine's state is in it. */
  readonly definitions: { readonly [machine: string]: string };
  readonly parts: { readonly [name: string]: SnapshotPart };
  /** How long its file is. */
  readonly bytes: number;
}

/** The first line. The rest is slices of the parts' states, and a last line that says it is whole. */
export interface SnapshotHead {
  readonly seq: number;
  readonly at: number;
  /** The checksum of record `seq`: what the journal goes on from. */
  readonly crc: string;
  /** The journal's file, without its folder, and where record `seq` ends in it. */
  readonly file: string;
  readonly byte: number;
  readonly epoch: number;
  readonly definitions: { readonly [machine: string]: string };
  readonly parts: readonly { readonly name: string; readonly version: number }[];
}

/**
 * A piece of a part's state: `value` is the whole, or one key of it; `rows` are the next elements of
 * the array that it is, or that the key holds.
 */
interface Slice {
  readonly part: number;
  readonly key?: string;
  readonly value?: unknown;
  readonly rows?: readonly unknown[];
}

/** What there is to write: {@link captureSnapshot} has it, and later records do not change it. */
export interface Captured {
  readonly head: SnapshotHead;
  readonly states: readonly unknown[];
}

/** Takes the states as they are now, behind the journal's last record. */
export function captureSnapshot(
  { seq, at, crc, file, bytes, epoch }: Tail,
  projections: readonly Pick<Projection, 'name' | 'version' | 'snapshot'>[],
  definitions: SnapshotHead['definitions'] = {},
): Captured {
  const head: SnapshotHead = {
    seq,
    at,
    crc: formatCrc(crc),
    file: path.basename(file ?? ''),
    byte: bytes,
    epoch,
    definitions,
    parts: projections.map((one) => ({ name: one.name, version: versionOf(one) })),
  };
  return { head, states: projections.map((projection) => projection.snapshot()) };
}

/** The file's lines, made one at a time so that nobody has to wait for all of them. */
export function* encodeSnapshot({ head, states }: Captured): Generator<Buffer> {
  let crc = 0;
  let lines = 0;
  const seal = (text: string): Buffer => {
    const bytes = Buffer.from(`${text}\n`);
    crc = crc32(bytes, crc);
    lines++;
    return bytes;
  };
  yield seal(JSON.stringify({ format: FORMAT, formatVersion: FORMAT_VERSION, ...head }));
  for (const [part, state] of states.entries()) {
    for (const text of slicesOf(part, state)) yield seal(text);
  }
  yield Buffer.from(`{"lines":${lines},"crc":"${formatCrc(crc)}"}\n`);
}

function* slicesOf(part: number, state: unknown): Generator<string> {
  if (Array.isArray(state)) {
    yield* rowsOf(`{"part":${part}`, state);
  } else if (typeof state === 'object' && state !== null) {
    yield `{"part":${part},"value":{}}`;
    for (const [key, value] of Object.entries(state)) {
      const open = `{"part":${part},"key":${JSON.stringify(key)}`;
      if (Array.isArray(value)) yield* rowsOf(open, value);
      else if (value !== undefined) yield `${open},"value":${JSON.stringify(value)}}`;
    }
  } else yield `{"part":${part},"value":${JSON.stringify(state ?? null)}}`;
}

function* rowsOf(open: string, rows: readonly unknown[]): Generator<string> {
  let texts: string[] = [];
  let chars = 0;
  for (const row of rows) {
    const text = JSON.stringify(row) ?? 'null';
    texts.push(text);
    chars += text.length;
    if (chars < SLICE_CHARS) continue;
    yield `${open},"rows":[${texts.join(',')}]}`;
    texts = [];
    chars = 0;
  }
  if (texts.length > 0 || rows.length === 0) yield `${open},"rows":[${texts.join(',')}]}`;
}

/** A snapshot can't be used; the message says why. */
export class UnfitSnapshot extends Error {
  override readonly name = 'UnfitSnapshot';
}

const NEWLINE = 10;

function parse(bytes: Buffer): unknown {
  try {
    // Nearly all lines are ASCII, and read as Latin-1 they need no decoding.
    return JSON.parse(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8'));
  } catch {
    throw new UnfitSnapshot('a line is no JSON');
  }
}

/** @throws UnfitSnapshot when it is none of ours, or of another version */
export function decodeHead(bytes: Buffer): SnapshotHead {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) throw new UnfitSnapshot('it is torn');
  const head = parse(bytes.subarray(0, end)) as Partial<
    SnapshotHead & { format: string; formatVersion: number }
  > | null;
  if (head?.format !== FORMAT) throw new UnfitSnapshot('it is no snapshot');
  if (head.formatVersion !== FORMAT_VERSION) {
    throw new UnfitSnapshot(`it is of version ${head.formatVersion}`);
  }
  return head as SnapshotHead;
}

/**
 * The states of a whole file, in the order of its head's parts.
 * @throws UnfitSnapshot when it is torn or damaged
 */
export function decodeStates(bytes: Buffer): readonly unknown[] {
  const closing = bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1;
  const found = /^\{"lines":(\d+),"crc":"([0-9a-f]{8})"\}\n$/.exec(
    bytes.toString('latin1', closing),
  );
  if (!found || formatCrc(crc32(bytes.subarray(0, closing))) !== found[2]) {
    throw new UnfitSnapshot('it is torn or damaged');
  }
  const states: unknown[] = [];
  let start = bytes.indexOf(NEWLINE) + 1;
  for (let line = 1; line < Number(found[1]); line++) {
    const stop = bytes.indexOf(NEWLINE, start);
    put(states, parse(bytes.subarray(start, stop)) as Slice);
    start = stop + 1;
  }
  if (start !== closing) throw new UnfitSnapshot('lines are missing');
  return states;
}

function put(states: unknown[], { part, key, value, rows }: Slice): void {
  const [holder, name] = key === undefined ? [states, part] : [states[part] as object, key];
  const place = holder as Record<string | number, unknown>;
  const before = place[name];
  if (!rows) place[name] = value;
  else if (Array.isArray(before)) for (const row of rows) before.push(row);
  else place[name] = rows;
}
