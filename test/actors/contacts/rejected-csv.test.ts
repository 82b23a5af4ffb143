import { describe, expect, it } from 'vitest';
import { csvLine, rejectedCsv } from '../../../actors/contacts/rejected-csv.ts';
import { useLists } from './lists.ts';

const lists = useLists();

describe('the file of rejected rows', () => {
  it('holds line, reason and the row as it stood', () => {
    const rows = [{ line: 7, reason: 'Phone number is missing', row: ['Ann', ''] }];
    expect(rejectedCsv(['name', 'phone'], rows)).toBe(
      'line,reason,name,phone\r\n7,Phone number is missing,Ann,\r\n',
    );
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
