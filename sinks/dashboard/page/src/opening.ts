import { batch, signal } from '@preact/signals';
import { openFile } from './file.ts';
import { remote } from './remote.ts';
import { source } from './store.ts';

/** Why the last file could not be opened. */
export const openProblem = signal<string | null>(null);

/** Shows a journal file that somebody chose, from its end on. */
export async function show(file: File): Promise<void> {
  try {
    const opened = await openFile(file);
    batch(() => {
      openProblem.value = null;
      location.hash = '#/';
      source.value = opened;
    });
  } catch (error) {
    openProblem.value = error instanceof Error ? error.message : String(error);
  }
}

/** Back to the program that served the page. */
export function closeFile(): void {
  batch(() => {
    openProblem.value = null;
    location.hash = '#/';
    source.value = remote;
  });
}
