import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ContactTable, type ContactDetails, type ContactListInfo } from '../../store/contacts.ts';
import { tempDir } from './support.ts';

const contact = (id: string, more: Partial<ContactDetails> = {}): ContactDetails => ({
  id,
  phone: `+1415555${id}`,
  name: `Änn ${id}`,
  variables: { 'Last order': 'two\nlines, "quoted"', id: 'x' },
  skip: null,
  timezone: null,
  ...more,
});

const info = (campaign: string, more: Partial<ContactListInfo> = {}): ContactListInfo => ({
  campaign,
  source: 'list.csv',
  sourceHash: 'ab'.repeat(32),
  rejected: 2,
  duplicates: 1,
  rejectedFile: 'rejected.csv',
  ...more,
});

function addList(table: ContactTable, list: ContactListInfo, contacts: readonly ContactDetails[]) {
  const writer = table.beginList(list.campaign);
  for (const one of contacts) writer.add(one);
  table.addList(list, writer);
}

const singlesOf = (dir: string): string => path.join(dir, '_single.jsonl');

describe('a list', () => {
  test('is found again in another process, in its order', () => {
    const dir = path.join(tempDir(), 'contacts');
    const contacts = [contact('0001', { skip: 'no consent' }), contact('0002'), contact('0003')];
    addList(ContactTable.open(dir), info('spring'), contacts);
    const table = ContactTable.open(dir);
    expect([...table.list('spring')]).toEqual(contacts);
    expect(table.info('spring')).toEqual(info('spring'));
    expect(table.get('0001')).toEqual(contact('0001', { skip: 'no consent' }));
    expect(table.campaigns()).toEqual([info('spring')]);
  });

  test('is there at once', () => {
    const table = ContactTable.open(tempDir());
    addList(table, info('spring'), [contact('0001')]);
    expect([...table.list('spring')]).toEqual([contact('0001')]);
    expect(table.get('0001')?.name).toBe('Änn 0001');
  });

  test('that was being written when a crash came is not there', () => {
    const dir = tempDir();
    fs.writeFileSync(path.join(dir, 'spring.jsonl.tmp'), JSON.stringify({ info: info('spring') }));
    const table = ContactTable.open(dir);
    expect(table.campaigns()).toEqual([]);
    expect([...table.list('spring')]).toEqual([]);
    table.sweep();
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  test('that is given up leaves nothing', () => {
    const dir = path.join(tempDir(), 'contacts');
    const writer = ContactTable.open(dir).beginList('spring');
    writer.add(contact('0001'));
    writer.abandon();
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  test('says of a contact what a later row of its number adds', () => {
    const dir = path.join(tempDir(), 'contacts');
    const table = ContactTable.open(dir);
    const writer = table.beginList('spring');
    writer.add(contact('0001'));
    writer.add(contact('0002'));
    writer.amend(0, 'no consent');
    writer.amend(0, 'do not call');
    writer.add(contact('0003'));
    table.addList(info('spring'), writer);
    for (const one of [table, ContactTable.open(dir)]) {
      expect([...one.list('spring')].map(({ skip }) => skip)).toEqual(['do not call', null, null]);
      expect(one.get('0001')?.skip).toBe('do not call');
      expect(one.get('0003')).toEqual(contact('0003'));
      expect([one.size('spring'), one.idAt('spring', 2), one.idAt('spring', 3)]).toEqual([
        3,
        '0003',
        undefined,
      ]);
    }
    expect(() => writer.amend(7, 'x')).toThrow(RangeError);
  });

  test('whose file somebody has erased knows nobody, and harms nobody', () => {
    const dir = path.join(tempDir(), 'contacts');
    const table = ContactTable.open(dir);
    addList(table, info('spring'), [contact('0001')]);
    fs.rmSync(path.join(dir, 'spring.jsonl'));
    expect(table.get('0001')).toBeUndefined();
    expect([...table.list('spring')]).toEqual([]);
  });

  test('longer than what is read at once has each contact at its place', () => {
    const dir = path.join(tempDir(), 'contacts');
    const written = ContactTable.open(dir);
    const all = Array.from({ length: 9_000 }, (_, index) =>
      contact(String(index + 1).padStart(4, '0'), { name: 'Ä'.repeat(index % 97) }),
    );
    addList(written, info('spring'), all);
    const table = ContactTable.open(dir);
    for (const one of all) {
      expect(written.get(one.id)).toEqual(one);
      expect(table.get(one.id)).toEqual(one);
    }
    expect([...table.list('spring')]).toEqual(all);
  });

  test('stands beside others', () => {
    const dir = tempDir();
    const table = ContactTable.open(dir);
    addList(table, info('spring'), [contact('0001')]);
    addList(table, info('autumn'), [contact('0002')]);
    table.addSingle(contact('0003'));
    const again = ContactTable.open(dir);
    expect(again.campaigns().map(({ campaign }) => campaign)).toEqual(['autumn', 'spring']);
    expect(['0001', '0002', '0003'].map((id) => again.get(id)?.id)).toEqual([
      '0001',
      '0002',
      '0003',
    ]);
  });

  test('is for its owner only', () => {
    const dir = path.join(tempDir(), 'contacts');
    const table = ContactTable.open(dir);
    addList(table, info('spring'), []);
    table.addSingle(contact('0001'));
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    for (const file of fs.readdirSync(dir)) {
      expect(fs.statSync(path.join(dir, file)).mode & 0o777).toBe(0o600);
    }
  });

  test('nobody has written is empty', () => {
    const table = ContactTable.open(path.join(tempDir(), 'none'));
    expect([...table.list('spring')]).toEqual([]);
    expect(table.info('spring')).toBeNull();
    expect(table.campaigns()).toEqual([]);
    expect(table.get('0001')).toBeUndefined();
  });
});

describe('a contact of no campaign', () => {
  test('is found again in another process', () => {
    const dir = path.join(tempDir(), 'contacts');
    const table = ContactTable.open(dir);
    table.addSingle(contact('0001'));
    table.addSingle(contact('0002'));
    expect(table.get('0002')).toEqual(contact('0002'));
    const again = ContactTable.open(dir);
    expect([again.get('0001'), again.get('0002')]).toEqual([contact('0001'), contact('0002')]);
    expect(again.campaigns()).toEqual([]);
  });

  test('cut short at any byte costs no other one, before or after it', () => {
    const dir = tempDir();
    const table = ContactTable.open(dir);
    table.addSingle(contact('0001'));
    const before = fs.statSync(singlesOf(dir)).size;
    table.addSingle(contact('0002'));
    const whole = fs.readFileSync(singlesOf(dir));
    for (let length = before; length <= whole.length; length++) {
      fs.writeFileSync(singlesOf(dir), whole.subarray(0, length));
      const reopened = ContactTable.open(dir);
      reopened.addSingle(contact('0003'));
      const again = ContactTable.open(dir);
      expect(again.get('0001')).toEqual(contact('0001'));
      expect(again.get('0003')).toEqual(contact('0003'));
      // Its row is whole when only the newline behind it is missing.
      expect(again.get('0002') !== undefined).toBe(length >= whole.length - 1);
    }
  });
});

describe('ids', () => {
  test('rise from 0001', () => {
    const table = ContactTable.open(tempDir());
    expect([table.nextId(), table.nextId(), table.nextId()]).toEqual(['0001', '0002', '0003']);
  });

  test('are not given out again after a restart', () => {
    const dir = tempDir();
    const table = ContactTable.open(dir);
    addList(table, info('spring'), [contact(table.nextId()), contact(table.nextId())]);
    table.addSingle(contact(table.nextId()));
    expect(ContactTable.open(dir).nextId()).toBe('0004');
  });

  test('go on behind those that the journal knows, also when the contact was erased', () => {
    const dir = tempDir();
    const table = ContactTable.open(dir);
    addList(table, info('spring'), [contact('0001')]);
    fs.rmSync(path.join(dir, 'spring.jsonl'));
    const again = ContactTable.open(dir);
    for (const taken of ['0001', '0007', '0003', '0007.2', '0005/speech']) again.reserve(taken);
    expect(again.get('0001')).toBeUndefined();
    expect(again.nextId()).toBe('0008');
  });

  test('a contact that is added reserves its own', () => {
    const table = ContactTable.open(tempDir());
    table.addSingle(contact('0041'));
    table.addSingle(contact('0012'));
    expect(table.nextId()).toBe('0042');
  });

  test('may have more than four digits', () => {
    const table = ContactTable.open(tempDir());
    table.reserve('9999');
    expect(table.nextId()).toBe('10000');
    table.reserve('not a number');
    expect(table.nextId()).toBe('10001');
  });
});
