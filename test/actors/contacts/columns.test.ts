import { describe, expect, it } from 'vitest';
import { useLists } from './lists.ts';

const lists = useLists();
const first = async (header: string, row: string) =>
  (await lists.read(`${header}\n${row}\n`)).contacts[0];

describe('the header', () => {
  it.each(['phone', 'phone_number', 'number', 'contact_number', 'to', 'mobile', 'telephone'])(
    'may call the phone column %s',
    async (alias) => {
      expect(await first(alias, '+14155552671')).toMatchObject({ phone: '+14155552671' });
    },
  );

  it.each(['Phone Number', 'PHONE-NUMBER', 'phonenumber', ' phone_number '])(
    'is read without regard to case, blanks, underscores and hyphens, as in "%s"',
    async (alias) => {
      expect(await first(alias, '+14155552671')).toMatchObject({ phone: '+14155552671' });
    },
  );

  it.each(['name', 'full_name', 'contact', 'Contact Name'])(
    'may call the name column %s',
    async (alias) => {
      expect(await first(`${alias},phone`, 'Ann,+14155552671')).toMatchObject({ name: 'Ann' });
    },
  );

  it('may say in other words who must not be called', async () => {
    const { contacts } = await lists.read(
      'phone,Consent given,Do not contact\n+14155552671,no,\n+14155552672,yes,x\n',
    );
    expect(contacts).toMatchObject([
      { consent: 'no', doNotCall: false },
      { consent: 'yes', doNotCall: true },
    ]);
  });

  it('gives every column that it knows its own place', async () => {
    const contact = await first(
      'name,phone,id,time-zone,country,language,consent,DNC',
      'Ann,+14155552671,42,America/Los_Angeles,us,en-US,yes,no',
    );
    expect(contact).toEqual({
      line: 2,
      name: 'Ann',
      phone: '+14155552671',
      variables: {},
      named: { id: '42', 'time-zone': 'America/Los_Angeles', country: 'us', language: 'en-US' },
      externalId: '42',
      timezone: 'America/Los_Angeles',
      hasUnknownTimezone: false,
      country: 'US',
      language: 'en-US',
      consent: 'yes',
      doNotCall: false,
    });
  });

  it('makes every other column a script variable', async () => {
    const contact = await first('phone,Product,due date', '+14155552671,Kettle,');
    expect(contact?.variables).toEqual({ Product: 'Kettle', 'due date': '' });
  });

  it('makes the second of two phone columns a script variable', async () => {
    const contact = await first('mobile,phone', '+14155552672,+14155552671');
    expect(contact).toMatchObject({ phone: '+14155552671', variables: { mobile: '+14155552672' } });
  });

  it('keeps two columns of one name apart', async () => {
    const contact = await first('phone,note,note', '+14155552671,a,b');
    expect(contact?.variables).toEqual({ note: 'a', note_2: 'b' });
  });

  it('keeps a column without a name only where somebody wrote into it', async () => {
    expect((await first('phone,', '+14155552671,'))?.variables).toEqual({});
    expect((await first('phone,', '+14155552671,a'))?.variables).toEqual({ column_2: 'a' });
  });

  it('takes a column called __proto__ like any other', async () => {
    const contact = await first('phone,__proto__', '+14155552671,a');
    expect(Object.entries(contact?.variables ?? {})).toEqual([['__proto__', 'a']]);
  });
});

describe('the name', () => {
  it('is empty when the list has no name column', async () => {
    expect(await first('phone', '+14155552671')).toMatchObject({ name: '' });
  });

  it('is empty when its cell is', async () => {
    expect(await first('phone,name', '+14155552671,')).toMatchObject({ name: '' });
  });

  it('is joined from first and last name, which stay script variables', async () => {
    expect(await first('First Name,last_name,phone', 'Ann,Lee,+14155552671')).toMatchObject({
      name: 'Ann Lee',
      variables: { 'First Name': 'Ann', last_name: 'Lee' },
    });
  });

  it('is not joined when a column holds it whole', async () => {
    const contact = await first('name,first_name,phone', 'Dr. Lee,Ann,+14155552671');
    expect(contact).toMatchObject({ name: 'Dr. Lee', variables: { first_name: 'Ann' } });
  });
});

describe('a list without a phone column', () => {
  it('is refused with the columns seen and the names accepted', async () => {
    const file = await lists.write('name,e-mail\nAnn,ann@example.com\n');
    await expect(lists.read('name,e-mail\nAnn,ann@example.com\n')).rejects.toMatchObject({
      name: 'UserError',
      message: `${file} has no phone column: line 1 names "name", "e-mail", and one column must be called phone, phone_number, number, contact_number, to, mobile or telephone`,
    });
  });

  it('is refused without repeating a contact when it has no header at all', async () => {
    const error: unknown = await lists
      .read('Ann,+14155552671\n')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'UserError' });
    expect(String(error)).toContain('line 1 looks like a contact');
    expect(String(error)).not.toMatch(/Ann|4155/);
  });
});
