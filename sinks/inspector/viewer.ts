/** The part of a WebSocket that a viewer needs. */
export interface Outlet {
  readonly bufferedAmount: number;
  send(text: string, sent: (error?: Error) => void): void;
}

/**
 * One listener of the relay that may be slower than what it is told. Above the backlog it is
 * told nothing more; when it has caught up, it gets the registry instead of what it missed.
 */
export class Viewer {
  readonly #outlet: Outlet;
  readonly #replay: () => Iterable<string>;
  readonly #backlogBytesMax: number;
  #lagging = false;

  /** @param backlogBytesMax unsent bytes above which live messages are left out */
  constructor(outlet: Outlet, replay: () => Iterable<string>, backlogBytesMax: number) {
    this.#outlet = outlet;
    this.#replay = replay;
    this.#backlogBytesMax = backlogBytesMax;
  }

  /** Everything one must know to follow from here on. Never cut short: half is of no use. */
  synchronise(): void {
    this.#lagging = false;
    for (const text of this.#replay()) this.#outlet.send(text, this.#onSent);
  }

  deliver(text: string): void {
    if (this.#lagging) return;
    if (this.#outlet.bufferedAmount > this.#backlogBytesMax) this.#lagging = true;
    else this.#outlet.send(text, this.#onSent);
  }

  readonly #onSent = (error?: Error): void => {
    if (error || !this.#lagging) return;
    if (this.#outlet.bufferedAmount <= this.#backlogBytesMax / 8) this.synchronise();
  };
}
