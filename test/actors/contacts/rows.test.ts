import { chmod, mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { importContactList, useLists } from './lists.ts';

const lists = useLists();
const ann = { name: 'Ann', phone: '+14155552671' };

async function refusal(content: string | Uint8Array) {
  const file = await lists.write(content);
  const error: unknown = await importContactList(file).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'UserError' });
  return String(error).replace(file, 'list.csv').replace('UserError: ', '');
}

describe('a CSV file', () => {
  it.each([
    ['commas', 'name,phone,note\nAnn,+14155552671,a;b\n'],
    ['semicolons', 'name;phone;note\nAnn;+14155552671;a,b\n'],
    ['tabs', 'name\tphone\tnote\nAnn\t+14155552671\t\n'],
    [
      'semicolons under a header with commas',
      'phone;name, in full;name;a, b, c\n+14155552671;x;Ann;y\n',
    ],
    ['a byte order mark', '\uFEFFname,phone\nAnn,+14155552671\n'],
    ['Windows line ends', 'name,phone\r\nAnn,+14155552671\r\n'],
    ['old Mac line ends', 'name,phone\rAnn,+14155552671\r'],
    ['mixed line ends', 'name,phone\r\nAnn,+14155552671\n'],
    ['no line end at the end', 'name,phone\nAnn,+14155552671'],
    ['blanks after the commas', 'name, phone\n"Ann", "+14155552671"\n'],
    ['blanks behind a quoted cell', 'name,phone\n"Ann" ,"+14155552671" \n'],
  ])('may have %s', async (_, content) => {
    expect((await lists.read(content)).contacts).toMatchObject([{ ...ann, line: 2 }]);
  });

  it.each([
    ['sep=;\r\n', 'name;phone;note'],
    ['\uFEFFsep=;\r\n', 'name;phone;note'],
    ['"sep=;"\n', 'name;phone;note'],
    ['SEP=|\r', 'name|phone|note'],
    ['sep=\t\n', 'name\tphone\tnote'],
    ['sep=,\n', 'name,phone,note; too'],
  ])('may name its delimiter as Excel does, %j', async (first, header) => {
    const delimiter = /[;|\t,]/.exec(header)?.[0] ?? '';
    const end = first.replace(/^.*[;|\t,]"?/, '');
    const row = ['Ann', '+14155552671', '"a, b; c"'].join(delimiter);
    const list = await lists.read(`${first}${header}${end}${row}${end}12`);
    expect(list.contacts).toMatchObject([{ ...ann, line: 3 }]);
    expect(list.rejected).toMatchObject([{ line: 4 }]);
  });

  it('may have a first line that only looks as if it named one', async () => {
    const { contacts } = await lists.read('sep=x,phone\nAnn,+14155552671\n');
    expect(contacts).toMatchObject([{ phone: ann.phone, variables: { 'sep=x': 'Ann' } }]);
  });

  it('may have blank lines, which count as lines', async () => {
    const { contacts } = await lists.read('\nphone,name\n\n  \n,,\n , \n+14155552671,Ann\n\n');
    expect(contacts).toMatchObject([{ ...ann, line: 7 }]);
  });

  it('may have commas, quotes and text with stray quotes in its cells', async () => {
    const { contacts } = await lists.read(
      'phone,name,size\n+14155552671,"Lee, Ann ""Bo""",a 5" pipe\n+14155552672,"Ann" Lee,\n',
    );
    expect(contacts).toMatchObject([
      { name: 'Lee, Ann "Bo"', variables: { size: 'a 5" pipe' } },
      { name: '"Ann" Lee' },
    ]);
  });

  it.each(['\n', '\r\n'])('counts lines through quoted line breaks (%j)', async (end) => {
    const rows = ['phone,note', `+14155552671,"a${end}b${end}${end}c"`, '+14155552672,d', '12,e'];
    const list = await lists.read(rows.join(end));
    expect(list.contacts).toMatchObject([
      { line: 2, variables: { note: `a${end}b${end}${end}c` } },
      { line: 6 },
    ]);
    expect(list.rejected).toMatchObject([{ line: 7 }]);
  });

  it('is read alike wherever its chunks are cut', async () => {
    for (const pad of [65_500, 65_510, 65_520, 65_521, 65_522, 65_523, 65_524, 65_525, 65_526]) {
      const content = `name,phone,note\r\n"${'é'.repeat(5)}",+14155552671,"${'x'.repeat(pad - 60)}"\r\n"Bö ""b"" 💬\r\n",+14155552672,\r\n`;
      // oxlint-disable-next-line no-await-in-loop -- one file, rewritten
      const { contacts } = await lists.read(content);
      expect(contacts).toMatchObject([
        { line: 2, name: 'ééééé' },
        { line: 3, name: 'Bö "b" 💬' },
      ]);
    }
  });
});

describe('a quote left open', () => {
  const sentence = (line: number) =>
    `list.csv has a quote on line ${line} that is not closed; a quote inside a quoted cell is written twice`;

  it('is reported with its line when it reaches the end of the file', async () => {
    expect(await refusal('name,phone\nBob,+14155552672\n"Ann,+14155552671\nCy,\n')).toBe(
      sentence(3),
    );
  });

  it('is reported when it stands behind a quoted line break of the same row', async () => {
    expect(await refusal('name,note,phone\n"Ann","a\nb","+14155552671\n')).toBe(sentence(3));
  });

  it('is reported when a later line’s quote closes it in the middle of a cell', async () => {
    expect(await refusal('name,phone\n"Ann,+14155552671\n"Bob",+14155552672\n')).toBe(sentence(2));
  });

  it('is reported without reading the rest of a huge file into memory', async () => {
    const rest = 'Bob,+14155552672\n'.repeat(50_000);
    expect(await refusal(`name,phone\nCy,+14155552673\n"Ann,+14155552671\n${rest}`)).toBe(
      sentence(3),
    );
  });

  it('is reported when it stands in the header', async () => {
    expect(await refusal('name,"phone\nAnn,+14155552671\n')).toBe(sentence(1));
  });

  it('is suspected when a row of several lines has the wrong number of columns', async () => {
    const { rejected } = await lists.read('name,phone\n"Ann,+14155552671\nBob","+1",x\n');
    expect(rejected).toMatchObject([
      {
        line: 2,
        reason:
          'Row has 3 columns where the header has 2; it runs from line 2 to 3, so a quote may be left open',
      },
    ]);
  });
});

describe('a file that is refused', () => {
  const binary =
    'list.csv is not a CSV file that can be read: it holds UTF-16 or binary data; save the list as "CSV UTF-8"';
  it.each([
    ['is empty', '', 'list.csv is empty: it needs a header line and at least one contact'],
    [
      'holds blank lines only',
      '\n \n',
      'list.csv is empty: it needs a header line and at least one contact',
    ],
    ['has a header only', 'phone\n\n', 'list.csv has a header line, but no contact below it'],
    ['is UTF-16', Buffer.from('\uFEFFphone\n+14155552671\n', 'utf16le'), binary],
    ['is UTF-16 without a mark', Buffer.from('phone\n+14155552671\n', 'utf16le'), binary],
    ['is UTF-16 without a single ASCII letter', Buffer.from('\uFEFF電話', 'utf16le'), binary],
    ['is a spreadsheet', Buffer.from('504b030414000600', 'hex'), binary],
    ['turns binary far behind its header', `phone\n${'+14155552671\n'.repeat(10_000)}\0`, binary],
    [
      'has a row without end',
      `phone\n${'1'.repeat(200_000)}\n`,
      'list.csv has a row on line 2 that is longer than 128000 bytes',
    ],
  ])('%s', async (_, content, sentence) => {
    expect(await refusal(content)).toBe(sentence);
  });

  it('does not exist', async () => {
    const file = lists.path('none.csv');
    await expect(importContactList(file)).rejects.toMatchObject({
      name: 'UserError',
      message: `There is no file ${file}`,
    });
  });

  it('is a folder', async () => {
    const file = lists.path('folder.csv');
    await mkdir(file);
    await expect(importContactList(file)).rejects.toMatchObject({
      name: 'UserError',
      message: `${file} is a folder, not a CSV file`,
    });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'is not ours to read',
    async () => {
      const file = await lists.write('phone\n+14155552671\n', 'locked.csv');
      await chmod(file, 0);
      await expect(importContactList(file)).rejects.toMatchObject({
        name: 'UserError',
        message: `${file} can't be read: permission denied`,
      });
    },
  );

  it('has a path that no file can have', async () => {
    await expect(importContactList('a\0b.csv')).rejects.toMatchObject({ name: 'UserError' });
  });
});
