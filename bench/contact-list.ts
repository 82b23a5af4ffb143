/**
 * Does reading a contact list need more memory when it is longer? Checks lists of 1,000, 100,000
 * and 300,000 rows, each in a process of its own, and prints the ratio of their peaks, and what is
 * still held at the last row, for each row, once the garbage is collected.
 *
 * Usage: node bench/contact-list.ts
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkList } from '../actors/campaign-check.ts';
import { readContactList } from '../actors/contacts/list.ts';

const SIZES = [1_000, 100_000, 300_000] as const;
const AREA_CODES = ['415', '212', '310', '646', '718', '503', '206', '617'];
const MEGABYTE = 1024 ** 2;

function writeList(file: string, rows: number): void {
  const fd = fs.openSync(file, 'w');
  fs.writeSync(fd, 'name,phone,appointment,consent,do_not_call\n');
  for (let row = 0; row < rows; row++) {
    const [exchange, line] = [200 + (row % 800), Math.floor(row / 800) % 10_000];
    const phone = `+1${AREA_CODES[row % 8]}${exchange}${String(line).padStart(4, '0')}`;
    fs.writeSync(fd, `Person Number ${row},${phone},Monday at ten,yes,\n`);
  }
  fs.closeSync(fd);
}

const child = (...args: readonly string[]): string =>
  execFileSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), ...args], {
    encoding: 'utf8',
  });

/** Megabytes of resident memory at the most, in a process that reads one list. */
function peakOf(file: string): { peak: number; called: number } {
  return JSON.parse(child(file)) as { peak: number; called: number };
}

async function measure(file: string): Promise<void> {
  const rules = { window: 'off', callsPerSecond: null, requiresConsent: false };
  const { called } = await checkList(file, {}, { rules, now: 0 });
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ peak, called }));
}

/** Buffers are freed beside the program's own thread: the second look finds them gone. */
async function heldBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  await sleep(100);
  gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes that each further row of a list holds. */
async function measureHeld(file: string, rows: number): Promise<void> {
  const first = 1_000;
  let [row, before] = [0, 0];
  for await (const { kind } of readContactList(file)) {
    if (kind !== 'contact') continue;
    row++;
    if (row === first) before = await heldBytes();
    if (row === rows) process.stdout.write(String(((await heldBytes()) - before) / (rows - first)));
  }
}

function compare(): void {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-bench-'));
  const peaks = SIZES.map((rows) => {
    const file = path.join(dir, `${rows}.csv`);
    writeList(file, rows);
    const size = (fs.statSync(file).size / MEGABYTE).toFixed(1);
    const { peak, called } = peakOf(file);
    const held =
      rows > SIZES[0]
        ? `, ${Math.round(Number(child(file, String(rows))))} bytes held for a row`
        : '';
    console.log(
      `${rows} rows (${size} MB, ${called} to be called): ${Math.round(peak)} MB at most${held}`,
    );
    return peak;
  });
  fs.rmSync(dir, { recursive: true });
  const [few = 1, many = 1, most = 1] = peaks;
  console.log(
    `ratio: ${(many / few).toFixed(2)} for 100 times the rows, ${(most / few).toFixed(2)} for 300 times`,
  );
}

const [, , file, rows] = process.argv;
if (file === undefined) compare();
else if (rows === undefined) await measure(file);
else await measureHeld(file, Number(rows));
