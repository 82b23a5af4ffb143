import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { importContactList, type ContactListOptions } from '../../../actors/contacts/list.ts';

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
