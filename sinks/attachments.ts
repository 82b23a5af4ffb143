import path from 'node:path';
import type { Journal } from '../store/journal.ts';
import type { History } from '../runtime/history.ts';
import type { JournalRecord } from '../store/record.ts';
import { Cursor } from './cursor.ts';
import { attach, type Attachment, type Sink } from './sink.ts';

/** A reader that does not come to an end must not keep the agent from stopping, or a command waiting. */
const PATIENCE_MS = 5_000;

const because = (error: unknown): string => (error instanceof Error ? `: ${error.message}` : '');

function problemsOf(attachment: Attachment): string[] {
  const { name, failed, dropped, error, cursorError, trouble } = attachment;
  const missed = failed + dropped;
  return [
    ...(trouble === null ? [] : [trouble]),
    ...(missed > 0 ? [`The ${name} log has missed ${missed} records${because(error)}.`] : []),
    ...(cursorError === null
      ? []
      : [
          `How far the ${name} log has come could not be noted${because(cursorError)}. It may repeat itself.`,
        ]),
  ];
}

/** All readers behind one journal. */
export class Attachments {
  readonly #cursors: string;
  readonly #sinks: readonly Sink[];
  readonly #attached: Attachment[] = [];

  /** @param dir the data folder */
  constructor(dir: string, sinks: readonly Sink[]) {
    this.#cursors = path.join(dir, 'cursors');
    this.#sinks = sinks;
  }

  get all(): readonly Attachment[] {
    return this.#attached;
  }

  /** Those who want to know what was recorded before this start. A durable one has its cursor. */
  histories(): History[] {
    const primed = this.#sinks.filter((sink) => sink.isDurable !== true && 'prime' in sink);
    return primed.map((sink, index) => {
      const namesakes = primed.slice(0, index).filter(({ name }) => name === sink.name).length;
      const name = `sink:${sink.name}${namesakes === 0 ? '' : ` ${namesakes + 1}`}`;
      return new SinkHistory(sink, name, () => this.#behind(sink));
    });
  }

  /** Resolves when those of {@link histories} have taken all there is, or five seconds have passed. */
  async caughtUp(): Promise<void> {
    const all = this.#attached.filter(({ sink }) => sink.isDurable !== true);
    await within(PATIENCE_MS, Promise.all(all.map((attachment) => attachment.flush())));
  }

  /** Puts every sink behind the journal: before anything is written to it, and after it was read. */
  open(journal: Journal): void {
    for (const sink of this.#sinks) this.add(journal, sink);
  }

  /** Puts one more behind it: a durable one from where it has left off, another from now on. */
  add(journal: Journal, sink: Sink): Attachment {
    const cursor = sink.isDurable === true ? new Cursor(this.#cursors, sink.name) : null;
    const attachment = attach(journal, sink, cursor ? { cursor } : {});
    this.#attached.push(attachment);
    return attachment;
  }

  /** Resolves when all have told what has happened so far, or five seconds have passed. */
  async flush(): Promise<void> {
    const flush = (): Promise<unknown> =>
      Promise.all(this.#attached.map((attachment) => attachment.flush()));
    // What one of them has written to the journal on the way is told by the others, too.
    await within(PATIENCE_MS, flush().then(flush));
  }

  async detach(): Promise<void> {
    const detached = this.#attached.map((attachment) => attachment.detach(PATIENCE_MS));
    await within(2 * PATIENCE_MS, Promise.all(detached));
  }

  #behind(sink: Sink): number {
    return this.#attached.find((attachment) => attachment.sink === sink)?.behind ?? 0;
  }

  problems(): string[] {
    return this.#attached.flatMap(problemsOf);
  }
}

/** A sink as one who has to know the past, which it may be given as a snapshot. */
class SinkHistory implements History {
  readonly name: string;
  readonly version: number;
  readonly snapshot?: () => unknown;
  readonly restore?: (state: unknown) => void;
  readonly #sink: Sink;
  readonly #behind: () => number;

  constructor(sink: Sink, name: string, behind: () => number) {
    this.name = name;
    this.version = sink.version ?? 1;
    this.#sink = sink;
    this.#behind = behind;
    if (!sink.snapshot || !sink.restore) return;
    this.snapshot = () => sink.snapshot?.();
    this.restore = (state) => sink.restore?.(state);
  }

  apply(record: JournalRecord): void {
    this.#sink.prime?.(record);
  }

  isBehind(): boolean {
    return this.#behind() > 0;
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: isOver, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, isOver]);
  clearTimeout(timer);
}
