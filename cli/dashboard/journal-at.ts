import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../errors.ts';
import { headerOf, listSegments } from '../../store/segments.ts';

const holdsOne = (dir: string): boolean => fs.existsSync(dir) && listSegments(dir).length > 0;

/**
 * The journal that somebody means: a file of it, its folder, or the data folder around that.
 * @throws UserError when there is none
 */
export function journalAt(place: string): string {
  const found = fs.statSync(place, { throwIfNoEntry: false });
  if (!found) throw new UserError(`There is no journal at ${place}.`);
  if (found.isDirectory()) {
    const inside = [place, path.join(place, 'journal')].find(holdsOne);
    if (inside !== undefined) return inside;
    throw new UserError(
      `There is no journal in the folder ${place}: its files end in .jsonl or .jsonl.gz.`,
    );
  }
  try {
    headerOf(place);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`${place} can't be read as a journal: ${why}.`);
  }
  return place;
}
