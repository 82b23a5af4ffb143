import { signal } from '@preact/signals';

/** Where the page is: all of it stands in the address, so that a link shows the same. */
export interface Route {
  /** `['service', 'ElevenLabs']`. */
  readonly path: readonly string[];
  /** The seq that is looked at; null is now. */
  readonly at: number | null;
  readonly query: URLSearchParams;
}

/** A part of an address as somebody may have cut it off. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function read(): Route {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const query = new URLSearchParams(search);
  const at = Number(query.get('at'));
  return {
    path: path.split('/').filter(Boolean).map(decoded),
    at: query.has('at') && Number.isSafeInteger(at) && at > 0 ? at : null,
    query,
  };
}

export const route = signal<Route>(read());
addEventListener('hashchange', () => (route.value = read()));

/** The address of a screen; it stays at the moment that is looked at. */
export function href(path: readonly string[], query: Record<string, string | null> = {}): string {
  const { at } = route.value;
  const all = { at: at === null ? null : String(at), ...query };
  const given = Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`;
}

/** This very screen, filters and all, at another moment; how far one had paged back belongs to this. */
export const hrefAt = (seq: number): string => {
  const { path, query } = route.value;
  return href(path, { ...Object.fromEntries(query), at: String(seq), before: null });
};

/** Changes what stands behind the `?`, without a step in the browser's history. */
export function setQuery(changes: Record<string, string | null>): void {
  const { path, query } = route.value;
  const all = Object.fromEntries(query);
  history.replaceState(null, '', href(path, { ...all, ...changes }));
  route.value = read();
}

/** Goes to a moment; null is now. */
export const goTo = (seq: number | null): void =>
  setQuery({ at: seq === null ? null : String(seq), before: null });
