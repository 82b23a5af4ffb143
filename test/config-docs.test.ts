import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { groups } from '../config/groups.ts';

const text = fs.readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');

describe('docs/configuration.md', () => {
  const names = groups.flatMap(({ schema }) => Object.keys(schema.shape));

  test.each(names)('explains %s', (name) => {
    expect(text).toContain(`\`${name}\``);
  });

  test('explains none that there is not', () => {
    const told = text.match(/(?<=`)[A-Z]+(?:_[A-Z]+)+(?=`)/g) ?? [];
    expect(told.filter((name) => !names.includes(name))).toEqual([]);
  });
});
