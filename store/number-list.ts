const FIRST_CAPACITY = 64;

/** A growing list of numbers at eight bytes each, where an array of objects would take a hundred. */
export class NumberList {
  #values = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @returns undefined past the end */
  at(index: number): number | undefined {
    return index < this.#length ? this.#values[index] : undefined;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** Where a value stands in a list that ascends; -1 when it is not there. */
  find(value: number): number {
    let low = 0;
    for (let high = this.#length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((this.#values[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return this.at(low) === value ? low : -1;
  }
}
