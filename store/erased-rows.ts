import type { ContactDetails } from './contact-list.ts';
import { parseLine } from './contact-list.ts';
import type { FileSystem } from './file-system.ts';
import { PendingFile } from './pending-file.ts';
import { rawLines } from './raw-lines.ts';

/** What stays of a person: the id, which the journal knows, and that nobody is to be called. */
export const erased = (id: string): ContactDetails => ({
  id,
  phone: '',
  name: '',
  variables: {},
  timezone: null,
  skip: 'erased',
});

/** Writes a contact file anew without who these contacts are. @returns how many it held */
export function eraseRows(file: string, ids: ReadonlySet<string>, disk: FileSystem): number {
  const next = new PendingFile(file, disk);
  let found = 0;
  for (const { bytes } of rawLines(file, { disk })) {
    const line = parseLine(bytes);
    const isTheirs = line !== null && 'id' in line && ids.has(line.id);
    if (isTheirs) found++;
    next.write(isTheirs ? Buffer.from(JSON.stringify(erased(line.id))) : bytes);
    next.write(Buffer.from('\n'));
  }
  if (found > 0) next.finish();
  else next.abandon();
  return found;
}
