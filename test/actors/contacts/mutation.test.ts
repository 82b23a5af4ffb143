import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { isUserError } from '../../../errors.ts';
import { useLists } from './lists.ts';

/** 10,000 lists in all. */
const SEEDS = [20_260_501, 20_260_502, 20_260_503, 20_260_504, 20_260_505];
const ROUNDS = 2_000;
const SOURCE = Buffer.from(
  [
    '\uFEFFname,phone,country,time zone,consent,dnc,note',
    'Ann,+14155552671,US,America/Los_Angeles,yes,,"two\r\nlines, ""quoted"""',
    '"Lee, Bo",030 1234567,DE,Europe/Berlin,no,x,5" pipe',
    "Jürgen,'+442079460000,,,,,",
    '',
    'Cy,1.41556E+10,,,,,',
    'Dee,+14155552671,,,,yes,again',
    '',
  ].join('\r\n'),
);
const SPLICES = [
  '"',
  '""',
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\0',
  '+',
  "'",
  '/1',
  '.0',
  ' x1',
  'é',
  '\xff',
  '=',
  '__proto__',
  '0',
  '9',
];

/** mulberry32: the same mutations on every machine. */
function randomFrom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutate(source: Buffer, random: (below: number) => number): Buffer {
  let bytes = source;
  for (let n = random(6); n >= 0; n -= 1) {
    const at = random(bytes.length + 1);
    const to = Math.min(bytes.length, at + random(8));
    const splice = Buffer.from(
      SPLICES[random(SPLICES.length)] ?? '',
      random(4) ? 'utf8' : 'latin1',
    );
    const inserted = [Buffer.alloc(0), splice, bytes.subarray(0, random(bytes.length + 1))][
      random(12) % 3
    ];
    bytes = Buffer.concat([
      bytes.subarray(0, at),
      inserted ?? splice,
      bytes.subarray(random(2) ? at : to),
    ]);
    if (bytes.length > 8_192) bytes = bytes.subarray(0, 8_192);
  }
  return bytes;
}

const lists = useLists();

describe('lists damaged at random', () => {
  it.each(SEEDS)(
    'are read or refused with a sentence, and never give an invalid number (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      const bad: number[] = [];
      const seen = { read: 0, refused: 0, contacts: 0, rejected: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        const bytes = mutate(SOURCE, random);
        const options = random(2) ? { defaultCountry: 'US' } : {};
        // oxlint-disable-next-line no-await-in-loop -- one after another, so that a seed is a run
        const list = await lists.read(bytes, options).catch((error: unknown) => {
          if (!isUserError(error)) throw new Error(`round ${round}`, { cause: error });
          return null;
        });
        if (list === null) {
          seen.refused += 1;
          continue;
        }
        seen.read += 1;
        seen.contacts += list.contacts.length;
        seen.rejected += list.rejected.length;
        const lines = bytes.toString().split(/\r\n|\n|\r/).length;
        const good =
          list.contacts.every(
            ({ phone, line }) =>
              isValidPhoneNumber(phone) && /^\+\d{7,15}$/.test(phone) && line <= lines,
          ) &&
          list.rejected.every(({ reason, line }) => !/\d{5}/.test(reason) && line <= lines) &&
          new Set(list.contacts.map(({ phone }) => phone)).size === list.contacts.length;
        if (!good) bad.push(round);
      }
      expect(bad).toEqual([]);
      expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
    },
    60_000,
  );
});
