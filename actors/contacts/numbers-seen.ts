import type { Consent, Contact, DuplicateRow } from './contact.ts';

const FIRST_ROWS = 512;
const GROWTH = 1.5;
const consents: readonly Consent[] = [null, 'yes', 'no'];
const DO_NOT_CALL = 3;
/** The ways in which consent and do-not-call come together. */
const WISHES = 6;

/** What is known of a number. */
type Earlier = Omit<DuplicateRow, 'line'>;

const packed = (consent: Consent, doNotCall: boolean): number =>
  consents.indexOf(consent) + (doNotCall ? DO_NOT_CALL : 0);

/**
 * The numbers of a list, to find those that come again: 12 bytes a number, and a hash table of 4
 * bytes a slot, half to three quarters full. A Map of strings would take several times that.
 */
export class NumbersSeen {
  /**
   * In the list's order, a number and its wishes in one double: 15 digits at most (ITU-T E.164)
   * times 6 is less than 2^53.
   */
  #numbers = new Float64Array(FIRST_ROWS);
  #lines = new Uint32Array(FIRST_ROWS);
  #size = 0;
  /** Where in the list a slot's number stands, counted from 1; 0 is a free slot. */
  #slots = new Uint32Array(FIRST_ROWS * 2);

  /** @returns null when the number is new, else its first row and what its rows say taken together */
  add({ phone, line, consent, doNotCall }: Contact): Earlier | null {
    const number = Number(phone.slice(1));
    let slot = this.#slotOf(number);
    const known = this.#slots[slot] ?? 0;
    if (known > 0) return this.#merge(known - 1, consent, doNotCall);
    if ((this.#size + 1) * 4 > this.#slots.length * 3) {
      this.#spread();
      slot = this.#slotOf(number);
    }
    if (this.#size === this.#numbers.length) this.#grow();
    this.#numbers[this.#size] = number * WISHES + packed(consent, doNotCall);
    this.#lines[this.#size] = line;
    this.#slots[slot] = ++this.#size;
    return null;
  }

  #merge(first: number, consent: Consent, doNotCall: boolean): Earlier {
    const known = this.#numbers[first] ?? 0;
    const before = known % WISHES;
    const merged = {
      consent: consent === 'no' ? consent : (consents[before % DO_NOT_CALL] ?? null),
      doNotCall: doNotCall || before >= DO_NOT_CALL,
    };
    this.#numbers[first] = known - before + packed(merged.consent, merged.doNotCall);
    return { firstLine: this.#lines[first] ?? 0, first, ...merged };
  }

  #numberAt(first: number): number {
    const known = this.#numbers[first] ?? 0;
    return (known - (known % WISHES)) / WISHES;
  }

  /** Where a number stands, or the free slot where it would. */
  #slotOf(number: number): number {
    // Both halves count: numbers of one list often differ in their last digits only.
    const mixed = Math.imul(number | 0, 0x9e3779b1) ^ Math.imul((number / 2 ** 32) | 0, 0x85ebca6b);
    let slot = ((mixed ^ (mixed >>> 15)) >>> 0) % this.#slots.length;
    for (;;) {
      const known = this.#slots[slot] ?? 0;
      if (known === 0 || this.#numberAt(known - 1) === number) return slot;
      slot = slot + 1 === this.#slots.length ? 0 : slot + 1;
    }
  }

  /** `transfer` leaves no copy behind, which would stay until the garbage is collected. */
  #grow(): void {
    const capacity = Math.ceil(this.#numbers.length * GROWTH);
    const bytes = (of: { readonly BYTES_PER_ELEMENT: number }): number =>
      capacity * of.BYTES_PER_ELEMENT;
    this.#numbers = new Float64Array(this.#numbers.buffer.transfer(bytes(Float64Array)));
    this.#lines = new Uint32Array(this.#lines.buffer.transfer(bytes(Uint32Array)));
  }

  /** More slots, filled anew. */
  #spread(): void {
    const capacity = Math.ceil(this.#slots.length * GROWTH);
    this.#slots.buffer.transfer(0);
    this.#slots = new Uint32Array(capacity);
    for (let first = 0; first < this.#size; first++) {
      this.#slots[this.#slotOf(this.#numberAt(first))] = first + 1;
    }
  }
}
