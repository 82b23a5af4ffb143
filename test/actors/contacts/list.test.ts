import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readContactList } from '../../../actors/contacts/list.ts';
import { useLists } from './lists.ts';

const lists = useLists();

describe('a row that can not be called', () => {
  it('is rejected alone, with its line, the reason and its cells', async () => {
    const list = await lists.read('name,phone\nAnn,+911\nBob,+14155552671\n');
    expect(list.contacts.map(({ name }) => name)).toEqual(['Bob']);
    expect(list.rejected).toEqual([
      { line: 2, reason: 'Phone number is too short for its country', row: ['Ann', '+911'] },
    ]);
  });

  it('is rejected when it has too many columns', async () => {
    const { rejected } = await lists.read('name,phone\nLee, Ann,+14155552671\n');
    expect(rejected[0]?.reason).toBe('Row has 3 columns where the header has 2');
  });

  it('is rejected when it has too few columns', async () => {
    const { rejected } = await lists.read('name,phone\n+14155552671\n');
    expect(rejected[0]?.reason).toBe('Row has 1 column where the header has 2');
  });

  it('is rejected when it is not UTF-8, so that no garbled name is said aloud', async () => {
    const { rejected } = await lists.read(
      Buffer.from('name,phone\nJürgen,+14155552671\n', 'latin1'),
    );
    expect(rejected[0]?.reason).toBe(
      'Row holds characters that are not UTF-8; save the list as "CSV UTF-8"',
    );
  });

  it('is rejected when its consent is neither a yes nor a no, whatever word it is', async () => {
    const list = await lists.read(
      'name,phone,consent\nAnn,+14155552671,maybe\nBob,+14155552672,yes\nCy,+14155552673,\n',
    );
    expect(list.contacts).toMatchObject([
      { name: 'Bob', consent: 'yes' },
      { name: 'Cy', consent: null },
    ]);
    expect(list.rejected).toEqual([
      {
        line: 2,
        reason: 'Consent is neither a clear yes nor a clear no; write yes or no',
        row: ['Ann', '+14155552671', 'maybe'],
      },
    ]);
  });

  it('leaves the list empty but readable when every row is like it', async () => {
    const list = await lists.read('phone\n+911\nabc\n');
    expect(list).toMatchObject({ contacts: [], rejected: { length: 2 } });
  });
});

describe('a number that stands twice in a list', () => {
  it('is one contact, the first, however it is written', async () => {
    const list = await lists.read('name,phone\nAnn,+14155552671\nBob,+1 (415) 555-2671\n');
    expect(list.contacts.map(({ name }) => name)).toEqual(['Ann']);
    expect(list.duplicates).toEqual([
      { line: 3, firstLine: 2, first: 0, consent: null, doNotCall: false },
    ]);
    expect(list.rejected).toEqual([]);
  });

  it('is not called when any of its rows forbids it', async () => {
    const { contacts } = await lists.read('phone,dnc\n+14155552671,\n+14155552671,yes\n');
    expect(contacts).toMatchObject([{ line: 2, doNotCall: true }]);
  });

  it('has no consent when any of its rows says no', async () => {
    const { contacts } = await lists.read('phone,consent\n+14155552671,yes\n+14155552671,no\n');
    expect(contacts).toMatchObject([{ line: 2, consent: 'no' }]);
  });
});

describe('the country of a number without +', () => {
  it('is the row’s own', async () => {
    const { contacts } = await lists.read('phone,country\n030 1234567,de\n', {
      defaultCountry: 'US',
    });
    expect(contacts).toMatchObject([{ phone: '+49301234567', country: 'DE' }]);
  });

  it('is the default one when the row’s cell is empty', async () => {
    const { contacts } = await lists.read('phone,country\n4155552671, \n', {
      defaultCountry: 'us',
    });
    expect(contacts).toMatchObject([{ phone: '+14155552671', country: null }]);
  });

  it('may stand in the row by its name', async () => {
    const rows = '2079460000,UK\n145678901,France\n5512345678,Mexico\n';
    const { contacts } = await lists.read(`phone,country code\n${rows}`, { defaultCountry: 'US' });
    expect(contacts).toMatchObject([
      { phone: '+442079460000', country: 'GB' },
      { phone: '+33145678901', country: 'FR' },
      { phone: '+525512345678', country: 'MX' },
    ]);
  });

  it('is never guessed when the row names none that is known', async () => {
    const { contacts, rejected } = await lists.read('phone,country\n4155552671,Utopia\n', {
      defaultCountry: 'US',
    });
    expect(contacts).toEqual([]);
    expect(rejected).toMatchObject([
      { line: 2, reason: expect.stringMatching(/^Country is not known: write .* such as GB/) },
    ]);
  });

  it('does not matter to a number with +', async () => {
    const { contacts } = await lists.read('phone,country\n+49 30 1234567,Utopia\n');
    expect(contacts).toMatchObject([{ phone: '+49301234567', country: null }]);
  });

  it('must be a two-letter code when it is given as the default', async () => {
    await expect(lists.read('phone\n1\n', { defaultCountry: 'USA' })).rejects.toThrow(
      new RangeError(
        'The default country must be a two-letter code (ISO 3166) such as US, got "USA"',
      ),
    );
  });
});

describe('streaming a list', () => {
  it('gives every row in file order, after the columns', async () => {
    const file = await lists.write('name,phone\nAnn,+14155552671\nBob,12\nCy,+14155552671\n');
    const seen: unknown[] = [];
    const onColumns = (columns: readonly string[]) => seen.push(columns);
    for await (const item of readContactList(file, { onColumns })) seen.push(item);
    expect(seen).toMatchObject([
      ['name', 'phone'],
      { kind: 'contact', contact: { line: 2 } },
      { kind: 'rejected', rejected: { line: 3 } },
      { kind: 'duplicate', line: 4, firstLine: 2 },
    ]);
  });

  it('may be left in the middle', async () => {
    const file = await lists.write(`phone\n${'+14155552671\n'.repeat(50_000)}`);
    for await (const item of readContactList(file)) {
      expect(item.kind).toBe('contact');
      break;
    }
  });

  it('holds little of each row: a number, to know it again', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `Ann ${i},+1415${2_000_000 + i}`);
    const file = await lists.write(`name,phone\n${rows.join('\n')}\n`);
    const bench = fileURLToPath(new URL('../../../bench/contact-list.ts', import.meta.url));
    const measured = spawnSync(process.execPath, ['--expose-gc', bench, file, '20000']);
    const bytes = Number(measured.stdout);
    expect(bytes).toBeGreaterThan(8);
    expect(bytes).toBeLessThan(96);
  }, 60_000);

  it('reads 100,000 rows', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `Ann ${i},+1415${2_000_000 + i}`);
    const file = await lists.write(`name,phone\n${rows.join('\n')}\n`);
    let contacts = 0;
    let lastLine = 0;
    for await (const item of readContactList(file)) {
      if (item.kind !== 'contact') continue;
      contacts += 1;
      lastLine = item.contact.line;
    }
    expect({ contacts, lastLine }).toEqual({ contacts: 100_000, lastLine: 100_001 });
  }, 60_000);
});
