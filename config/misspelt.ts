/** Edits that turn one word into another (Levenshtein), given up at three. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 3;
}

/** Short names are near to many a word of other programs. */
const SHORT = 8;

/**
 * Names that are not ours but nearly: a typing error would otherwise go unseen.
 * @param names as they are set, other programs' among them
 * @returns a sentence for each
 */
export function misspelt(names: readonly string[], known: readonly string[]): string[] {
  return names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const most = name.length <= SHORT ? 1 : 2;
      const near = known.find((candidate) => distance(name, candidate) <= most);
      return near === undefined ? [] : [`${name} is not known: did you mean ${near}`];
    });
}
