import { DueHeap, type Due } from './due-heap.ts';

interface Place extends Due {
  readonly contact: string;
  /** Epoch ms; null for a contact that waits for no time of its own. */
  readonly notBefore: number | null;
}

/**
 * The contacts that a campaign has put back. Neither putting one back nor taking the first one out
 * depends on how many there are.
 */
export class DeferredContacts {
  readonly #places = new Map<string, Place>();
  readonly #heap = new DueHeap<Place>();
  #orders = 0;

  get size(): number {
    return this.#places.size;
  }

  /** With their not-before times, in the order in which they were put back. */
  *[Symbol.iterator](): Generator<[string, number | null]> {
    for (const { contact, notBefore } of this.#places.values()) yield [contact, notBefore];
  }

  /** Puts a contact back; one that is here already gets a new time and keeps its turn. */
  set(contact: string, notBefore: number | null): void {
    const before = this.#places.get(contact);
    if (before) this.#heap.remove(before);
    const order = before?.order ?? this.#orders++;
    const place = { contact, notBefore, dueAt: notBefore ?? -Infinity, order, index: -1 };
    this.#places.set(contact, place);
    this.#heap.push(place);
  }

  delete(contact: string): void {
    const place = this.#places.get(contact);
    if (!place) return;
    this.#places.delete(contact);
    this.#heap.remove(place);
  }

  /** Who may be called first; of those who may at the same time, whoever was put back first. */
  first(): Pick<Place, 'contact' | 'notBefore'> | undefined {
    return this.#heap.peek();
  }
}
