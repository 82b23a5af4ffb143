import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RejectedRow } from '../../../actors/contacts/contact.ts';
import { csvLine, RejectedFile } from '../../../actors/contacts/rejected-csv.ts';
import { useLists } from './lists.ts';

const lists = useLists();

function rejectedCsv(header: readonly string[], rows: readonly RejectedRow[]): string {
  const file = new RejectedFile(lists.path('rejected.csv'));
  for (const row of rows) file.add(header, row);
  return fs.readFileSync(file.finish() ?? '', 'utf8');
}

describe('the file of rejected rows', () => {
  it('holds line, reason and the row as it stood', () => {
    const rows = [{ line: 7, reason: 'Phone number is missing', row: ['Ann', ''] }];
    expect(rejectedCsv(['name', 'phone'], rows)).toBe(
      'line,reason,name,phone\r\n7,Phone number is missing,Ann,\r\n',
    );
  });

  it('is not there when no row was rejected, or when the list was given up', () => {
    const none = new RejectedFile(lists.path('none.csv'));
    expect([none.finish(), fs.existsSync(lists.path('none.csv'))]).toEqual([null, false]);
    const abandoned = new RejectedFile(lists.path('abandoned.csv'));
    abandoned.add(['phone'], { line: 2, reason: 'no', row: ['1'] });
    abandoned.abandon();
    expect(fs.readdirSync(lists.path('.')).filter((it) => it.startsWith('abandoned'))).toEqual([]);
  });

  it('takes away what an import left that a crash cut short', () => {
    for (const left of ['left.csv', 'left.csv.tmp']) fs.writeFileSync(lists.path(left), 'old');
    expect(new RejectedFile(lists.path('left.csv')).finish()).toBeNull();
    expect(fs.readdirSync(lists.path('.')).filter((it) => it.startsWith('left'))).toEqual([]);
  });

  it('quotes what would break a line of CSV', () => {
    expect(csvLine(['a,b', 'say "hi"', 'x\ny', 'a;b', ' c'])).toBe(
      '"a,b","say ""hi""","x\ny","a;b"," c"\r\n',
    );
  });

  it.each(['=1+1', '+14155552671', '-2', '@SUM(A1)', '＝1'])(
    'defuses %s, which a spreadsheet would take for a formula',
    (cell) => {
      expect(csvLine([cell])).toBe(`'${cell}\r\n`);
    },
  );

  it.each(['\t=1', '\r=1', '\n=1'])('defuses a cell that starts with %j', (cell) => {
    expect(csvLine([cell])).toBe(`"'${cell}"\r\n`);
  });

  it('is read again once it is mended', async () => {
    const { rejected, columns } = await lists.read('name,phone\n=Ann,+1415555267\n');
    const mended = rejectedCsv(columns, rejected).replace('555267', '5552671');
    expect((await lists.read(mended)).contacts).toMatchObject([{ phone: '+14155552671' }]);
  });
});
