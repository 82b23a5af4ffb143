/** Something that waits for its time. `index` is its place in the heap, -1 when it is in none. */
export interface Due {
  readonly dueAt: number;
  /** Of two that are due at the same time, the lower one comes first. */
  readonly order: number;
  index: number;
}

function before(a: Due, b: Due): boolean {
  return a.dueAt === b.dueAt ? a.order < b.order : a.dueAt < b.dueAt;
}

/**
 * Whatever waits for a time of its own, the next one first: a binary heap, so that what one costs
 * hardly depends on how many there are. Each knows its place, so that one that is called off leaves
 * at once: nearly every request cancels a timeout, and they would pile up otherwise.
 */
export class DueHeap<Entry extends Due> {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  peek(): Entry | undefined {
    return this.#entries[0];
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#rise(entry, this.#entries.length - 1);
  }

  /** Does nothing when the entry was removed already. */
  remove(entry: Entry): void {
    const { index } = entry;
    if (index < 0 || this.#entries[index] !== entry) return;
    const last = this.#entries.pop() as Entry;
    entry.index = -1;
    if (last === entry) return;
    this.#sink(last, index);
    this.#rise(last, last.index);
  }

  #put(entry: Entry, index: number): void {
    this.#entries[index] = entry;
    entry.index = index;
  }

  #rise(entry: Entry, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#entries[parentIndex] as Entry;
      if (!before(entry, parent)) break;
      this.#put(parent, index);
      index = parentIndex;
    }
    this.#put(entry, index);
  }

  #sink(entry: Entry, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#entries[2 * index + 1];
      const right = this.#entries[2 * index + 2];
      const child = left && right && before(right, left) ? right : left;
      if (!child || !before(child, entry)) break;
      const childIndex = child.index;
      this.#put(child, index);
      index = childIndex;
    }
    this.#put(entry, index);
  }
}
