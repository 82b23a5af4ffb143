import path from 'node:path';
import { expect } from 'vitest';
import { machines } from '../../machines/registry.ts';
import type { Logic } from '../../store/fold.ts';
import { verifyJournal, type FirstDifference, type Verification } from '../../store/verify.ts';
import { tempDir, writeValid, type Stamped } from './support.ts';

/** What a journal of these lines comes to, its numbers and checksums being right. */
export function verified(lines: readonly Stamped[], logic: Logic = machines): Verification {
  const dir = path.join(tempDir(), 'journal');
  writeValid(dir, lines);
  return verifyJournal(dir, logic);
}

export function differenceOf(lines: readonly Stamped[], logic: Logic = machines): FirstDifference {
  const { ok, firstDifference } = verified(lines, logic);
  if (ok || !firstDifference) expect.fail('no difference was found');
  return firstDifference;
}
