import type { Message } from './book.ts';

/**
 * What one channel is not done with, by incident. It only saves looking through everything that
 * anybody has been told of the last day: all of it follows from the outbox.
 */
export class Backlog {
  /** By the number of the alert; the one whose first message is oldest stands in front. */
  #byAlert = new Map<string, Message[]>();
  #isInOrder = true;

  constructor(messages: Iterable<Message>) {
    for (const message of messages) this.add(message);
  }

  /** @param message newer than all that are here */
  add(message: Message): void {
    const list = this.#byAlert.get(message.alert);
    if (list) list.push(message);
    else this.#byAlert.set(message.alert, [message]);
  }

  delete({ alert, seq }: Message): void {
    const list = this.#byAlert.get(alert);
    const index = list?.findIndex((message) => message.seq === seq) ?? -1;
    if (!list || index < 0) return;
    list.splice(index, 1);
    if (list.length === 0) this.#byAlert.delete(alert);
    else if (index === 0) this.#isInOrder = false;
  }

  /** @param alert the incident's number */
  about(alert: string): readonly Message[] {
    return this.#byAlert.get(alert) ?? [];
  }

  /** The messages about one incident after another, oldest first. */
  byIncident(): Iterable<readonly Message[]> {
    if (!this.#isInOrder) {
      const first = ([, list]: [string, Message[]]): number => list[0]?.seq ?? 0;
      this.#byAlert = new Map([...this.#byAlert].toSorted((a, b) => first(a) - first(b)));
      this.#isInOrder = true;
    }
    return this.#byAlert.values();
  }
}
