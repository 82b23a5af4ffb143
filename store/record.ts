import { crc32 } from 'node:zlib';
import { isReadable } from './upcast.ts';

/** An event as it was fed to a machine, plain JSON. */
export interface RecordedEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One transition of one actor, before it has a place in the journal. */
export interface Line {
  /** Path from its root: `call:0007/speech`. */
  readonly actor: string;
  readonly machine: string;
  readonly event: RecordedEvent;
  /** 2, 3, … for the further microsteps of one event. */
  readonly step?: number;
  /** Null at birth. */
  readonly from: string | null;
  readonly to: string;
  /** The keys that this transition changed; at birth, all of them. */
  readonly context?: { readonly [key: string]: unknown };
  /** The actor has ended. */
  readonly done?: true;
  /** The call this belongs to. */
  readonly corr?: string;
}

/** A line of the journal. `at` is epoch milliseconds and never goes back; `seq` rises by one. */
export interface JournalRecord extends Line {
  readonly v: 1;
  readonly seq: number;
  readonly at: number;
  /** CRC-32 of the line up to `,"crc"`, seeded with that of the line before. */
  readonly crc: string;
  /** No line of the journal, but what a base has left of lines that were removed. */
  readonly condensed?: true;
}

export const FORMAT = 'ai-call-agent/journal';
export const FORMAT_VERSION = 1;

/** The first line of each file; not part of the chain. */
export interface Header {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** The `seq` of the first record in this file. */
  readonly first: number;
  /** The checksum that the first record's is seeded with. */
  readonly previous: string;
  /** How many starts have written to this journal, the one that began this file included. */
  readonly epoch?: number;
  readonly crc: string;
}

/** `,"crc":"xxxxxxxx"}`: the length of what stands behind the checksummed bytes. */
const CRC_TAIL_BYTES = 18;

export const formatCrc = (crc: number): string => crc.toString(16).padStart(8, '0');

const seal = (open: string, seed: number): { text: string; crc: number } => {
  const crc = crc32(open, seed);
  return { text: `${open},"crc":"${formatCrc(crc)}"}\n`, crc };
};

/** The line as it is written, newline included, and the checksum that seeds the next. */
export function encodeRecord(
  line: Line,
  seq: number,
  at: number,
  previousCrc: number,
): { text: string; crc: number } {
  const body = JSON.stringify(line).slice(1, -1);
  return seal(`{"v":1,"seq":${seq},"at":${at},${body}`, previousCrc);
}

/** @param epoch 0 leaves it out, as files did before there were epochs */
export function encodeHeader(
  first: number,
  previousCrc: number,
  epoch = 0,
  version = FORMAT_VERSION,
): string {
  const header = {
    format: FORMAT,
    version,
    first,
    previous: formatCrc(previousCrc),
    ...(epoch > 0 && { epoch }),
  };
  return seal(JSON.stringify(header).slice(0, -1), 0).text;
}

/** The number that 8 hex digits write, or -1; no string is made for each line. */
function parseHex(bytes: Buffer, from: number): number {
  let value = 0;
  for (let i = from; i < from + 8; i++) {
    const byte = bytes[i] ?? 0;
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : byte >= 97 && byte <= 102 ? byte - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

const CRC_KEY = Buffer.from(',"crc":"');
const ACTOR_KEY = Buffer.from('"actor":"');
const CRC_END = Buffer.from('"}');

function standsAt(bytes: Buffer, text: Buffer, from: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}

/**
 * The checksum of a line's bytes (newline left out), or null where the line does not end in the
 * checksum that its bytes have.
 * @param from where the line begins in `bytes`, and `to` where it ends. @default all of it
 */
export function checkLine(
  bytes: Buffer,
  previousCrc: number,
  from = 0,
  to = bytes.length,
): number | null {
  const end = to - CRC_TAIL_BYTES;
  if (end <= from || !standsAt(bytes, CRC_KEY, end)) return null;
  if (!standsAt(bytes, CRC_END, to - CRC_END.length)) return null;
  const crc = crc32(bytes.subarray(from, end), previousCrc);
  return parseHex(bytes, end + CRC_KEY.length) === crc ? crc : null;
}

/** A file's first line, or what is wrong with it. */
export function readHeader(bytes: Buffer): Header | string {
  if (checkLine(bytes, 0) === null) return 'The header of this journal file is damaged';
  const header = JSON.parse(bytes.toString('utf8')) as Omit<Header, 'format'> & { format: unknown };
  if (header.format !== FORMAT) {
    return `This is not a journal: its format is ${JSON.stringify(header.format)}`;
  }
  if (header.version > FORMAT_VERSION) {
    return `This journal was written by a newer version (format ${header.version})`;
  }
  if (!isReadable(header.version, FORMAT_VERSION)) {
    return `This journal is of a format that was never released (${header.version})`;
  }
  return header as Header;
}

/** A file's first line where record `first` is to follow `previousCrc`, or what is wrong with it. */
export function checkHeader(bytes: Buffer, first: number, previousCrc: number): Header | string {
  const header = readHeader(bytes);
  if (typeof header === 'string') return header;
  if (header.first !== first || header.previous !== formatCrc(previousCrc)) {
    return 'A journal file before this one is missing or incomplete';
  }
  return header;
}

const COMMA = 44;
const QUOTE = 34;

/** The actor that a line is of, without reading the rest; null where it does not look like ours. */
export function actorIn(bytes: Buffer, from: number, to: number): string | null {
  let start = from;
  for (let commas = 0; commas < 3 && start < to; start++) if (bytes[start] === COMMA) commas++;
  start += ACTOR_KEY.length;
  if (!standsAt(bytes, ACTOR_KEY, start - ACTOR_KEY.length)) return null;
  let end = start;
  while (end < to && bytes[end] !== QUOTE) end++;
  return bytes.toString('latin1', start, end);
}

export const isRoot = (actor: string): boolean => !actor.includes('/');

/** The root an actor belongs to: the path up to the first `/`. */
export function rootOf(actor: string): string {
  const slash = actor.indexOf('/');
  return slash < 0 ? actor : actor.slice(0, slash);
}
