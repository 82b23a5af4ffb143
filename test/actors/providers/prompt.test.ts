import { describe, expect, test } from 'vitest';
import { columnsForPrompt } from '../../../actors/contacts/columns.ts';
import { promptText, unfilled } from '../../../actors/providers/prompt.ts';

const ada = {
  name: 'Ada',
  variables: { Größe: 'M', 'Last Visit': 'May', appointment: 'noon', empty: '' },
  named: { ID: '42', 'Time Zone': 'Europe/London' },
};
const filled = (template: string): string | undefined => promptText(ada, template).split('\n')[0];

describe('a prompt', () => {
  test.each([
    ['{name}', 'Ada'],
    ['{Name} { name } {NAME} {full name}', 'Ada Ada Ada Ada'],
    ['{appointment} {Appointment}', 'noon noon'],
    ['{last visit} {last_visit} {LastVisit}', 'May May May'],
    ['{Größe} {größe}', 'M M'],
    ['{id} {time_zone}', '42 Europe/London'],
    ['[{empty}]', '[]'],
    ['{typo} {} {constructor} {__proto__}', '{typo} {} {constructor} {__proto__}'],
  ])('%s is filled in', (template, text) => {
    expect(filled(template)).toBe(text);
  });

  test('takes the column of exactly that spelling where there are two', () => {
    const two = { name: '', variables: { Note: 'a', NO_TE: 'b', 'no-te': 'c' } };
    expect(promptText(two, '{Note} {NO_TE} {no-te} {note}').split('\n')[0]).toBe('a b c a');
  });

  test('lets a column go before another way to say the name', () => {
    const both = { name: 'Ada', variables: { contact: 'Bo' } };
    expect(promptText(both, '{contact} {full_name}').split('\n')[0]).toBe('Bo Ada');
  });

  test('is followed by what the script may use, and by nothing else', () => {
    expect(promptText(ada, 'Hi').split('\n')).toEqual([
      'Hi',
      'Name: Ada',
      'Größe: M',
      'Last Visit: May',
      'appointment: noon',
      'empty: ',
    ]);
  });
});

describe('placeholders that no column fills', () => {
  const columns = columnsForPrompt(['Phone', 'First name', 'id', 'Due date', 'consent']);

  test('are named, each once', () => {
    const template = 'Hi {Name}: {due_date} {ID} {first name} {typo} {typo} {phone} {consent}';
    expect(unfilled(template, columns)).toEqual(['{typo}', '{phone}', '{consent}']);
  });

  test('are those of the name, too, when the list has none', () => {
    expect(unfilled('{name}', columnsForPrompt(['phone']))).toEqual(['{name}']);
  });
});
