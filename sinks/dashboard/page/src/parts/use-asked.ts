import { useEffect, useState } from 'preact/hooks';
import { moment, source, version } from '../store.ts';
import type { Source } from '../types.ts';

interface Asked<T> {
  readonly data: T | null;
  readonly problem: string | null;
}

/** Asks the source now and whenever there is something new; an answer to an older question is dropped. */
export function useAsked<T>(
  ask: (source: Source, until: number | null) => Promise<T>,
  what: string,
): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ data: null, problem: null });
  const key = `${source.value.name} ${version.value} ${moment.value} ${what}`;
  useEffect(() => {
    let isCurrent = true;
    ask(source.value, moment.value).then(
      (data) => isCurrent && setAsked({ data, problem: null }),
      (error: unknown) =>
        isCurrent &&
        setAsked((before) => ({
          ...before,
          problem: error instanceof Error ? error.message : String(error),
        })),
    );
    return () => {
      isCurrent = false;
    };
  }, [key]);
  return asked;
}
