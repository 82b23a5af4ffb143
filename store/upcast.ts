import type { JournalRecord } from './record.ts';

/** Turns a record as one format writes it into one of the next format. Pure. */
export type Upcast = (record: JournalRecord) => JournalRecord;

/**
 * What older formats need to be read as today's: by the version that a file's header names, the
 * step to the version after it. A format that nobody has released needs none, so there is none yet:
 * every released journal is of format 1. How to add one stands in test/journals/README.md.
 */
export const upcasts = new Map<number, Upcast>();

/**
 * How a record of a file is read, once its checksum is proven; null where there is nothing to do.
 * @param version of the file, as its header says
 * @param current the version that is written today
 */
export function upcastFrom(version: number, current: number): Upcast | null {
  if (version === current) return null;
  const steps = Array.from({ length: current - version }, (_, step) => {
    const upcast = upcasts.get(version + step);
    if (!upcast) throw new RangeError(`no upcast from format ${version + step}`);
    return upcast;
  });
  return (record) => steps.reduce((older, upcast) => upcast(older), record);
}

/** Whether every step from this version to today's is known. */
export function isReadable(version: number, current: number): boolean {
  if (!Number.isInteger(version) || version > current) return false;
  for (let step = version; step < current; step++) if (!upcasts.has(step)) return false;
  return true;
}
