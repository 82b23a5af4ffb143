import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { JournalRecord } from '../../../store/record.ts';

/** The first file of a data folder's journal. */
export const journalFile = (data: string): string =>
  path.join(data, 'journal', '00000000000000000001.jsonl');

export function readRecords(data: string): JournalRecord[] {
  const lines = fs.readFileSync(journalFile(data), 'utf8').split('\n');
  return lines.slice(1, -1).map((line) => JSON.parse(line) as JournalRecord);
}

/** A line with the checksum that its bytes have behind a line of checksum `previous`. */
function sealed(line: string, previous: number): { text: string; crc: number } {
  const open = line.slice(0, line.lastIndexOf(',"crc":"'));
  const crc = crc32(open, previous);
  return { text: `${open},"crc":"${crc.toString(16).padStart(8, '0')}"}`, crc };
}

/**
 * Rewrites the line of a seq as somebody would who knows how checksums are made: those of it and
 * of all lines behind it are right again. Written from the format's description alone.
 */
export function forge(data: string, seq: number, change: (line: string) => string): void {
  const file = journalFile(data);
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  let previous = 0;
  const forged = lines.map((line, index) => {
    if (index === 0 || line === '') return line;
    const { text, crc } = sealed(index === seq ? change(line) : line, previous);
    previous = crc;
    return text;
  });
  fs.writeFileSync(file, forged.join('\n'));
}

/** Flips one bit in the middle of the line of a seq. @returns where that line begins */
export function flipBit(data: string, seq: number): { byte: number } {
  const file = journalFile(data);
  const bytes = fs.readFileSync(file);
  const lines = bytes.toString('latin1').split('\n');
  const byte = lines.slice(0, seq).reduce((sum, line) => sum + line.length + 1, 0);
  const middle = byte + Math.floor((lines[seq] ?? '').length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  fs.writeFileSync(file, bytes);
  return { byte };
}
