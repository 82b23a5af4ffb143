/** A callback that waits for its time. `index` is its place in the heap, -1 when it is in none. */
export interface HeapTimer {
  readonly dueAt: number;
  /** Rises by one per timer: timers due at the same time fire in the order they were set. */
  readonly order: number;
  readonly callback: () => void;
  index: number;
}

function before(a: HeapTimer, b: HeapTimer): boolean {
  return a.dueAt === b.dueAt ? a.order < b.order : a.dueAt < b.dueAt;
}

/**
 * The timers of a clock, the next one first. Each knows its place, so that a cancelled one leaves
 * at once: nearly every request cancels a timeout, and they would pile up otherwise.
 */
export class TimerHeap {
  readonly #timers: HeapTimer[] = [];

  get size(): number {
    return this.#timers.length;
  }

  peek(): HeapTimer | undefined {
    return this.#timers[0];
  }

  push(timer: HeapTimer): void {
    this.#timers.push(timer);
    this.#rise(timer, this.#timers.length - 1);
  }

  /** Does nothing when the timer has fired or was removed already. */
  remove(timer: HeapTimer): void {
    const { index } = timer;
    if (index < 0 || this.#timers[index] !== timer) return;
    const last = this.#timers.pop() as HeapTimer;
    timer.index = -1;
    if (last === timer) return;
    this.#sink(last, index);
    this.#rise(last, last.index);
  }

  #put(timer: HeapTimer, index: number): void {
    this.#timers[index] = timer;
    timer.index = index;
  }

  #rise(timer: HeapTimer, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#timers[parentIndex] as HeapTimer;
      if (!before(timer, parent)) break;
      this.#put(parent, index);
      index = parentIndex;
    }
    this.#put(timer, index);
  }

  #sink(timer: HeapTimer, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#timers[2 * index + 1];
      const right = this.#timers[2 * index + 2];
      const child = left && right && before(right, left) ? right : left;
      if (!child || !before(child, timer)) break;
      const childIndex = child.index;
      this.#put(child, index);
      index = childIndex;
    }
    this.#put(timer, index);
  }
}
