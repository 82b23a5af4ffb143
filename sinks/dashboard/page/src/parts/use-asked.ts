import { useEffect, useRef, useState } from 'preact/hooks';
import { moment, source, version } from '../store.ts';
import type { Source } from '../types.ts';

interface Asked<T> {
  readonly data: T | null;
  readonly problem: string | null;
}

/**
 * Asks the source now and whenever there is something new; an answer to another question is dropped.
 * The same question is asked again only when it has been answered, however slow that is.
 */
export function useAsked<T>(
  ask: (source: Source, until: number | null) => Promise<T>,
  what: string,
): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ data: null, problem: null });
  const state = useRef({ question: '', underWay: '', isStale: false });
  const question = `${source.value.name} ${moment.value} ${what}`;
  state.current.question = question;
  const isAsked = (): boolean => state.current.question === question;
  const put = async (): Promise<void> => {
    state.current.underWay = question;
    state.current.isStale = false;
    try {
      const data = await ask(source.peek(), moment.peek());
      if (isAsked()) setAsked({ data, problem: null });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (isAsked()) setAsked((before) => ({ ...before, problem }));
    }
    if (state.current.underWay === question) state.current.underWay = '';
    if (isAsked() && state.current.isStale) await put();
  };
  useEffect(() => {
    if (state.current.underWay === question) state.current.isStale = true;
    else void put();
  }, [question, version.value]);
  return asked;
}
