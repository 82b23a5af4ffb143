import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Contact, DuplicateRow, RejectedRow } from '../../../actors/contacts/contact.ts';
import { readContactList, type ContactListOptions } from '../../../actors/contacts/list.ts';

/** A whole list, as a campaign takes it in: what a later row refuses holds for the contact. */
export async function importContactList(file: string, options: ContactListOptions = {}) {
  const contacts: Contact[] = [];
  const rejected: RejectedRow[] = [];
  const duplicates: DuplicateRow[] = [];
  let columns: readonly string[] = [];
  const onColumns = (seen: readonly string[]): void => void (columns = seen);
  for await (const item of readContactList(file, { ...options, onColumns })) {
    if (item.kind === 'contact') contacts.push(item.contact);
    else if (item.kind === 'rejected') rejected.push(item.rejected);
    else {
      const { kind: _, ...duplicate } = item;
      duplicates.push(duplicate);
      const { first, consent, doNotCall } = duplicate;
      const contact = contacts[first];
      if (contact) contacts[first] = { ...contact, consent, doNotCall };
    }
  }
  return { contacts, rejected, duplicates, columns };
}

/** A folder for one test file's lists, removed afterwards. */
export function useLists() {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'contacts-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function write(content: string | Uint8Array, name = 'list.csv') {
    const file = join(folder, name);
    await writeFile(file, content);
    return file;
  }
  return {
    path: (name: string) => join(folder, name),
    write,
    async read(content: string | Uint8Array, options?: ContactListOptions) {
      return importContactList(await write(content), options);
    },
  };
}
