/** What happened in one slice of time. */
interface Slice {
  readonly at: number;
  samples: number;
  sum: number;
}

const SLICES = 30;

/** A mean over the last minutes, in slices: it takes the same room however much happens. */
export class Window {
  #slices: Slice[] = [];
  readonly #windowMs: number;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(at: number, value: number): void {
    const sliceMs = this.#windowMs / SLICES;
    const start = Math.floor(at / sliceMs) * sliceMs;
    const last = this.#slices.at(-1);
    if (last?.at === start) {
      last.samples++;
      last.sum += value;
    } else {
      this.#slices.push({ at: start, samples: 1, sum: value });
      this.#forget(at);
    }
  }

  /** Over the window that ends at `at`. */
  mean(at: number): { readonly samples: number; readonly sum: number; readonly mean: number } {
    let [samples, sum] = [0, 0];
    for (const slice of this.#slices) {
      if (slice.at + this.#windowMs <= at) continue;
      samples += slice.samples;
      sum += slice.sum;
    }
    return { samples, sum, mean: samples === 0 ? 0 : sum / samples };
  }

  /** Takes out of the sum what another window of the same length has in its. */
  forget(other: Window): void {
    for (const { at, sum } of other.#slices) {
      const slice = this.#slices.find((one) => one.at === at);
      if (slice) slice.sum -= sum;
    }
  }

  snapshot(): unknown {
    return this.#slices.map((slice) => ({ ...slice }));
  }

  restore(state: unknown): void {
    this.#slices = (state as Slice[]).map((slice) => ({ ...slice }));
  }

  #forget(at: number): void {
    this.#slices = this.#slices.filter((slice) => slice.at + this.#windowMs > at);
  }
}
