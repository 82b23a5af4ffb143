import { crc32 } from 'node:zlib';

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

export function encodeHeader(first: number, previousCrc: number): string {
  const header = {
    format: FORMAT,
    version: FORMAT_VERSION,
    first,
    previous: formatCrc(previousCrc),
  };
  return seal(JSON.stringify(header).slice(0, -1), 0).text;
}

/**
 * The checksum of a line's bytes (newline left out), or null where the line does not end in the
 * checksum that its bytes have.
 */
export function checkLine(bytes: Buffer, previousCrc: number): number | null {
  const end = bytes.length - CRC_TAIL_BYTES;
  if (end <= 0) return null;
  const crc = crc32(bytes.subarray(0, end), previousCrc);
  const tail = bytes.toString('latin1', end);
  return tail === `,"crc":"${formatCrc(crc)}"}` ? crc : null;
}

/** The root an actor belongs to: the path up to the first `/`. */
export function rootOf(actor: string): string {
  const slash = actor.indexOf('/');
  return slash < 0 ? actor : actor.slice(0, slash);
}
