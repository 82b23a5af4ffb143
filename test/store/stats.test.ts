import fs from 'node:fs';
import { expect, test } from 'vitest';
import { Journal } from '../../store/journal.ts';
import type { Line } from '../../store/record.ts';
import { listSegments } from '../../store/segments.ts';
import { statsOf } from '../../store/stats.ts';
import { gzBlock } from '../../store/gz-blocks.ts';
import { START, tempDir, writtenJournal } from './support.ts';

const line = (actor: string, machine: string, type: string, more: Partial<Line> = {}): Line => ({
  actor,
  machine,
  event: { type },
  from: 'here',
  to: 'there',
  ...more,
});
const born = (actor: string, machine: string): Line =>
  line(actor, machine, 'xstate.init', { from: null });

function written(): string {
  const dir = tempDir();
  const journal = Journal.open(dir);
  const write = (atMs: number, ...lines: Line[]): void => {
    for (const one of lines) journal.append(one, START + atMs);
  };
  write(0, born('breaker:LLM', 'breaker'), born('campaign:a', 'campaign'));
  write(100, born('call:0001', 'call'), born('call:0001/script', 'request'));
  write(1_000, line('call:0001/script', 'request', 'attempt.succeeded', { done: true }));
  write(1_200, born('call:0001/script', 'request'));
  journal.beginFile();
  write(1_300, line('call:0001', 'call', 'actor.failed', { to: 'error', done: true }));
  write(1_400, line('campaign:a', 'campaign', 'contact.settled', { done: true }));
  write(5_000, born('campaign:b', 'campaign'));
  journal.close();
  return dir;
}

test('a journal’s figures are those of its lines and files', () => {
  const dir = written();
  const [first = '', second = ''] = listSegments(dir);
  const block = gzBlock(fs.readFileSync(first));
  fs.writeFileSync(`${first}.gz`, block);
  fs.rmSync(first);
  const plain = fs.statSync(second).size;
  fs.appendFileSync(second, '{"v":1,');
  expect(statsOf(dir)).toEqual({
    records: 9,
    first: { seq: 1, at: START },
    last: { seq: 9, at: START + 5_000 },
    files: { plain: 1, archived: 1 },
    bytes: { plain: plain + 7, archived: block.length, unfinished: 7 },
    removed: null,
    segments: [
      {
        file: '00000000000000000001.jsonl.gz',
        bytes: block.length,
        records: 6,
        firstAt: START,
        lastAt: START + 1_200,
      },
      {
        file: '00000000000000000007.jsonl',
        bytes: plain + 7,
        records: 3,
        firstAt: START + 1_300,
        lastAt: START + 5_000,
      },
    ],
    starts: 1,
    peakPerSecond: 4,
    machines: {
      breaker: { records: 1, begun: 1, live: 1 },
      call: { records: 2, begun: 1, live: 0 },
      campaign: { records: 3, begun: 2, live: 1 },
      // Its second life ends with the call that died around it.
      request: { records: 3, begun: 2, live: 0 },
    },
    events: { 'xstate.init': 6, 'actor.failed': 1, 'attempt.succeeded': 1, 'contact.settled': 1 },
    campaigns: { finished: 1, unfinished: ['b'] },
  });
});

test('an empty journal has none', () => {
  expect(statsOf(tempDir())).toMatchObject({ records: 0, first: null, last: null, events: {} });
});

test('starts count every program that wrote, also to a file that another one had begun', () => {
  const dir = writtenJournal(2);
  for (let start = 2; start <= 4; start++) Journal.open(dir).close();
  expect(listSegments(dir)).toHaveLength(1);
  expect(statsOf(dir).starts).toBe(4);
});
