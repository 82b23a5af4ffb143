/**
 * A base stands for the journal's records up to a `seq`, which its file is named by. It counts as
 * soon as the file behind it is there: those before it are not looked at any more.
 */
const pattern = /^(\d{20})\.base$/;
const digits = (seq: number): string => String(seq).padStart(20, '0');

export const baseName = (seq: number): string => `${digits(seq)}.base`;

/** The `seq` in a base's name; null for any other file. */
export function seqOfBase(name: string): number | null {
  const found = pattern.exec(name)?.[1];
  return found === undefined ? null : Number(found);
}

/** The `seq` of the base that counts, by the names in a journal's folder; 0 where none does. */
export function baseSeqIn(names: readonly string[]): number {
  let newest = 0;
  for (const name of names) {
    const seq = seqOfBase(name);
    if (seq === null || seq <= newest) continue;
    const next = `${digits(seq + 1)}.jsonl`;
    if (names.includes(next) || names.includes(`${next}.gz`)) newest = seq;
  }
  return newest;
}
