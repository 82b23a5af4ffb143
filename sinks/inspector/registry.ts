import { isFinished, type Frame } from './frame.ts';

interface Session {
  readonly isChild: boolean;
  readonly actor: string;
  snapshot: string | undefined;
  finished: boolean;
}

export interface RegistryOptions {
  /** Beyond it the oldest finished session is dropped, else the oldest child. @default 1000 */
  readonly sessionsMax?: number;
  /** The same for the size of all kept texts, in UTF-16 units. @default 32 * 1024 * 1024 */
  readonly sizeMax?: number;
}

/** What a viewer that joins late must be told: every actor, and where it is now. */
export class Registry {
  readonly #sessions = new Map<string, Session>();
  readonly #sessionsMax: number;
  readonly #sizeMax: number;
  #size = 0;

  constructor({ sessionsMax = 1000, sizeMax = 32 * 1024 * 1024 }: RegistryOptions = {}) {
    this.#sessionsMax = sessionsMax;
    this.#sizeMax = sizeMax;
  }

  note(frame: Frame, text: string): void {
    const { sessionId } = frame;
    if (typeof sessionId !== 'string') return;
    if (frame.type === '@xstate.actor') {
      // A restarted program counts its sessions from x:0 again: the older one is over.
      this.#drop(sessionId);
      const isChild = typeof frame.parentId === 'string';
      const finished = isFinished(frame);
      this.#sessions.set(sessionId, { isChild, actor: text, snapshot: undefined, finished });
      this.#size += text.length;
    } else if (frame.type === '@xstate.snapshot') {
      const session = this.#sessions.get(sessionId);
      if (session === undefined) return;
      this.#size += text.length - (session.snapshot?.length ?? 0);
      session.snapshot = text;
      session.finished = isFinished(frame);
    }
    this.#trim();
  }

  /** All actors, in the order of their announcement, then the last snapshot of each. */
  *replay(): Generator<string> {
    const sessions = [...this.#sessions.values()];
    for (const { actor } of sessions) yield actor;
    for (const { snapshot } of sessions) if (snapshot !== undefined) yield snapshot;
  }

  #trim(): void {
    while (this.#sessions.size > this.#sessionsMax || this.#size > this.#sizeMax) {
      const all = [...this.#sessions];
      const oldest =
        all.find(([, session]) => session.finished) ??
        all.find(([, session]) => session.isChild) ??
        all[0];
      if (oldest === undefined) return;
      this.#drop(oldest[0]);
    }
  }

  #drop(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#size -= session.actor.length + (session.snapshot?.length ?? 0);
    this.#sessions.delete(sessionId);
  }
}
