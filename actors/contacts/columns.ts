import { UserError } from '../../errors.ts';

/** Of two columns with the same meaning the alias further left wins; the other is a variable. */
const ALIASES = {
  phone: ['phone', 'phone_number', 'number', 'contact_number', 'to', 'mobile', 'telephone'],
  name: ['name', 'full_name', 'contact', 'contact_name'],
  externalId: ['external_id', 'id'],
  timezone: ['timezone', 'time_zone'],
  country: ['country', 'country_code'],
  language: ['language'],
  consent: ['consent', 'consent_given'],
  doNotCall: ['do_not_call', 'dnc', 'do_not_contact'],
} as const;

type Field = keyof typeof ALIASES;

/** Where each thing stands in a row. */
export interface Columns {
  readonly count: number;
  readonly phone: number;
  readonly fields: Readonly<Partial<Record<Field, number>>>;
  /** Those of them that a prompt may name. */
  readonly named: readonly VariableColumn[];
  /** First and last name, joined into the name when no column holds it whole. */
  readonly nameParts: readonly number[];
  readonly variables: readonly VariableColumn[];
}

/** A column whose cells a script can make use of. */
export interface VariableColumn {
  readonly index: number;
  readonly name: string;
  /** A column without a name is a spreadsheet's leftover unless somebody wrote into it. */
  readonly unnamed: boolean;
}

/** What has a meaning of its own, and is told to the LLM where a prompt asks for it. */
const NAMED: readonly Field[] = ['externalId', 'timezone', 'country', 'language'];

/** What `{name}` may be called in a prompt, as the column of a list may. */
export const nameKeys: readonly string[] = ALIASES.name.map(columnKey);

export function hasPhoneColumn(header: readonly string[]): boolean {
  return findColumn(header.map(columnKey), 'phone') !== undefined;
}

/** @throws UserError when no column holds phone numbers. */
export function readHeader(file: string, line: number, header: readonly string[]): Columns {
  const keys = header.map(columnKey);
  const phone = findColumn(keys, 'phone');
  if (phone === undefined) throw new UserError(noPhoneColumn(file, line, header));
  const fields: Partial<Record<Field, number>> = {};
  for (const field of Object.keys(ALIASES) as Field[]) {
    const index = findColumn(keys, field);
    if (index !== undefined) fields[field] = index;
  }
  const known = new Set(Object.values(fields));
  const nameParts =
    fields.name === undefined
      ? [keys.indexOf('firstname'), keys.indexOf('lastname')].filter((index) => index >= 0)
      : [];
  return {
    count: header.length,
    phone,
    fields,
    named: NAMED.flatMap((field) => {
      const index = fields[field];
      return index === undefined
        ? []
        : [{ index, name: header[index]?.trim() ?? '', unnamed: false }];
    }),
    nameParts,
    variables: listVariables(header, known),
  };
}

/**
 * The columns that fill something in a prompt, by the header's spelling; the name's is `name`.
 * @param header of a list that has a phone column
 */
export function columnsForPrompt(header: readonly string[]): string[] {
  const { fields, nameParts, named, variables } = readHeader('', 0, header);
  const hasName = fields.name !== undefined || nameParts.length > 0;
  return [...named, ...variables].map(({ name }) => name).concat(hasName ? ['name'] : []);
}

/** What a column is known by: neither case nor spaces, `-` and `_` matter. */
export function columnKey(column: string): string {
  return column
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');
}

function findColumn(keys: readonly string[], field: Field): number | undefined {
  for (const alias of ALIASES[field]) {
    const index = keys.indexOf(columnKey(alias));
    if (index >= 0) return index;
  }
  return undefined;
}

function listVariables(header: readonly string[], known: ReadonlySet<number>) {
  const taken = new Set<string>();
  return header.flatMap((column, index) => {
    if (known.has(index)) return [];
    const unnamed = column.trim() === '';
    const base = unnamed ? `column_${index + 1}` : column.trim();
    let name = base;
    // Two columns of one name both reach the script.
    for (let n = 2; taken.has(name); n += 1) name = `${base}_${n}`;
    taken.add(name);
    return [{ index, name, unnamed }];
  });
}

function noPhoneColumn(file: string, line: number, header: readonly string[]): string {
  const accepted = `${ALIASES.phone.slice(0, -1).join(', ')} or ${ALIASES.phone.at(-1)}`;
  // A list without a header would have its first contact printed on the screen and into logs.
  if (header.some((column) => column.replaceAll(/\D/g, '').length >= 7)) {
    return `${file} has no phone column: line ${line} looks like a contact, but must name the columns, one of them ${accepted}`;
  }
  const shown = header.slice(0, 12).map((column) => JSON.stringify(column.trim().slice(0, 40)));
  if (header.length > shown.length) shown.push('…');
  return `${file} has no phone column: line ${line} names ${shown.join(', ')}, and one column must be called ${accepted}`;
}
