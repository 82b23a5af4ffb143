import { stripVTControlCharacters, styleText } from 'node:util';
import { expect, test } from 'vitest';
import { explain } from '../../cli/help.ts';
import { campaignRun } from '../../cli/commands/campaign-run.ts';
import { wrap } from '../../cli/wrap.ts';

test('a line that is too long goes on further in, between words', () => {
  expect(wrap('  line 5 is rejected: Phone number is too short\nand this fits', 24)).toBe(
    '  line 5 is rejected:\n    Phone number is too\n    short\nand this fits',
  );
});

test('a word that is too long stays whole', () => {
  expect(wrap('see data/campaigns/list/rejected.csv now', 12)).toBe(
    'see\n  data/campaigns/list/rejected.csv\n  now',
  );
});

test('colours take no room', () => {
  const mark = styleText('green', '✓', { validateStream: false });
  expect(wrap(`${mark} CRM: ok: the key is accepted`, 30)).not.toContain('\n');
  const wrapped = wrap(`${mark} CRM: ok: the key is accepted`, 20);
  expect(stripVTControlCharacters(wrapped)).toBe('✓ CRM: ok: the key\n  is accepted');
});

test('where there is no terminal nothing is broken', () => {
  const long = 'word '.repeat(100);
  expect(wrap(long, null)).toBe(long);
});

test('the help of a command fits a narrow terminal', () => {
  const lines = wrap(explain(campaignRun), 40).split('\n');
  expect(lines.filter((line) => line.length > 40 && line.trim().includes(' '))).toEqual([]);
});
