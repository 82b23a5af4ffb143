/**
 * Does reading a contact list need more memory when it is longer? Checks lists of 1,000, 100,000
 * and 300,000 rows, each in a process of its own, and prints the ratio of their peaks.
 *
 * Usage: node bench/contact-list.ts
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkList } from '../actors/campaign-check.ts';

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

/** Megabytes of resident memory at the most, in a process that reads one list. */
function peakOf(file: string): { peak: number; called: number } {
  const args = [fileURLToPath(import.meta.url), file];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
    peak: number;
    called: number;
  };
}

async function measure(file: string): Promise<void> {
  const rules = { window: 'off', callsPerSecond: null, requiresConsent: false };
  const { called } = await checkList(file, {}, { rules, now: 0 });
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ peak, called }));
}

function compare(): void {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-bench-'));
  const peaks = SIZES.map((rows) => {
    const file = path.join(dir, `${rows}.csv`);
    writeList(file, rows);
    const size = (fs.statSync(file).size / MEGABYTE).toFixed(1);
    const { peak, called } = peakOf(file);
    console.log(
      `${rows} rows (${size} MB, ${called} to be called): ${Math.round(peak)} MB at most`,
    );
    return peak;
  });
  fs.rmSync(dir, { recursive: true });
  const [few = 1, many = 1, most = 1] = peaks;
  console.log(
    `ratio: ${(many / few).toFixed(2)} for 100 times the rows, ${(most / few).toFixed(2)} for 300 times`,
  );
}

const [, , file] = process.argv;
if (file === undefined) compare();
else await measure(file);
