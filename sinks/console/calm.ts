import type { Level } from '../level.ts';

export interface CalmOptions {
  readonly write: (line: string) => void;
  /** Lines in a second; as many failures again. @default 500 */
  readonly perSecond?: number;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

const WINDOW_MS = 1_000;

/**
 * Keeps a terminal or a pipe from being flooded: what is more than somebody could read is counted
 * and told in one line. The journal has it all.
 */
export class Calm {
  readonly #write: (line: string) => void;
  readonly #perSecond: number;
  readonly #now: () => number;
  #since = -WINDOW_MS;
  #steps = 0;
  #failures = 0;
  #hidden = 0;
  #hiddenFailures = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor({ write, perSecond = 500, now = () => performance.now() }: CalmOptions) {
    this.#write = write;
    this.#perSecond = perSecond;
    this.#now = now;
  }

  readonly say = (line: string, level: Level = 'info'): void => {
    if (this.#now() - this.#since >= WINDOW_MS) this.#begin();
    const isFailure = level === 'error';
    const isTold = (isFailure ? this.#failures++ : this.#steps++) < this.#perSecond;
    if (isTold) return this.#write(line);
    this.#hidden++;
    if (isFailure) this.#hiddenFailures++;
    this.#timer ??= setTimeout(this.sumUp, WINDOW_MS);
  };

  /** Tells what was left out; to be called at the end, too. */
  readonly sumUp = (): void => {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#hidden === 0) return;
    const failures = this.#hiddenFailures > 0 ? `, ${this.#hiddenFailures} of them failures` : '';
    this.#write(`… ${this.#hidden} more lines${failures}: see call-agent tail`);
    this.#hidden = 0;
    this.#hiddenFailures = 0;
  };

  #begin(): void {
    this.sumUp();
    this.#since = this.#now();
    this.#steps = 0;
    this.#failures = 0;
  }
}
