import type { Consent, Contact, DuplicateRow } from './contact.ts';

const FIRST_CAPACITY = 1024;
const consents: readonly Consent[] = [null, 'yes', 'no'];
const DO_NOT_CALL = 4;

/** What is known of a slot's number. */
type Earlier = Omit<DuplicateRow, 'line'>;

/**
 * The numbers of a list, to find those that come again: an open-addressing hash table of 17 bytes a
 * slot, at most two thirds full, because a Map of strings would take several times that.
 */
export class NumbersSeen {
  #capacity = FIRST_CAPACITY;
  /** A number of E.164 has at most 15 digits, which a double holds exactly; 0 is a free slot. */
  #numbers = new Float64Array(FIRST_CAPACITY);
  #lines = new Uint32Array(FIRST_CAPACITY);
  #ordinals = new Uint32Array(FIRST_CAPACITY);
  #wishes = new Uint8Array(FIRST_CAPACITY);
  #size = 0;

  /** @returns null when the number is new, else its first row and what its rows say taken together */
  add({ phone, line, consent, doNotCall }: Contact): Earlier | null {
    const number = Number(phone.slice(1));
    let slot = this.#slotOf(number);
    if (this.#numbers[slot] === number) return this.#merge(slot, consent, doNotCall);
    if ((this.#size + 1) * 3 > this.#capacity * 2) {
      this.#grow();
      slot = this.#slotOf(number);
    }
    this.#numbers[slot] = number;
    this.#lines[slot] = line;
    this.#ordinals[slot] = this.#size++;
    this.#wishes[slot] = consents.indexOf(consent) + (doNotCall ? DO_NOT_CALL : 0);
    return null;
  }

  #merge(slot: number, consent: Consent, doNotCall: boolean): Earlier {
    const before = this.#wishes[slot] ?? 0;
    const merged = {
      consent: consent === 'no' ? consent : (consents[before % DO_NOT_CALL] ?? null),
      doNotCall: doNotCall || before >= DO_NOT_CALL,
    };
    this.#wishes[slot] = consents.indexOf(merged.consent) + (merged.doNotCall ? DO_NOT_CALL : 0);
    return { firstLine: this.#lines[slot] ?? 0, first: this.#ordinals[slot] ?? 0, ...merged };
  }

  /** Where a number stands, or the free slot where it would. */
  #slotOf(number: number): number {
    // Both halves count: numbers of one list often differ in their last digits only.
    const mixed = Math.imul(number | 0, 0x9e3779b1) ^ Math.imul((number / 2 ** 32) | 0, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & (this.#capacity - 1);
    while (this.#numbers[slot] !== 0 && this.#numbers[slot] !== number) {
      slot = (slot + 1) & (this.#capacity - 1);
    }
    return slot;
  }

  #grow(): void {
    const [numbers, lines, ordinals, wishes] = [
      this.#numbers,
      this.#lines,
      this.#ordinals,
      this.#wishes,
    ];
    this.#capacity *= 2;
    this.#numbers = new Float64Array(this.#capacity);
    this.#lines = new Uint32Array(this.#capacity);
    this.#ordinals = new Uint32Array(this.#capacity);
    this.#wishes = new Uint8Array(this.#capacity);
    for (const [old, number] of numbers.entries()) {
      if (number === 0) continue;
      const slot = this.#slotOf(number);
      this.#numbers[slot] = number;
      this.#lines[slot] = lines[old] ?? 0;
      this.#ordinals[slot] = ordinals[old] ?? 0;
      this.#wishes[slot] = wishes[old] ?? 0;
    }
  }
}
