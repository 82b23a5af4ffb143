import { setImmediate as nextRound } from 'node:timers/promises';

/** Lets sockets and pipes do their work until something has happened; waits for no time at all. */
export async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await nextRound();
}
