/**
 * Edits that turn one word into another, given up at three; two letters that changed places are one
 * (Damerau and Levenshtein's distance, with adjacent transpositions).
 */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let [before, row]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? (before?.[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(change, swap, (row?.[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row?.at(-1) ?? 3;
}

/** Short names are near to many a word of other programs. */
const SHORT = 8;

/** What a word that is not known may have been meant to be: at most two edits away, one if short. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = word.length <= SHORT ? 1 : 2;
  return known.find((candidate) => distance(word, candidate) <= most);
}
