import { useEffect } from 'preact/hooks';
import { Empty } from './parts/empty.tsx';
import { TimeTravel } from './parts/time-travel.tsx';
import { Where } from './parts/where.tsx';
import { count, date } from './format.ts';
import { href, route } from './route.ts';
import { openProblem, show } from './opening.ts';
import { failure, moment, overview } from './store.ts';
import { AlertsScreen } from './screens/alerts.tsx';
import { CallScreen } from './screens/call.tsx';
import { ContactsScreen } from './screens/contacts.tsx';
import { EventsScreen } from './screens/events.tsx';
import { OverviewScreen } from './screens/overview.tsx';
import { ServiceScreen } from './screens/service.tsx';
import type { Overview } from './types.ts';

const screens = [
  ['', 'Overview'],
  ['contacts', 'Contacts'],
  ['events', 'Events'],
  ['alerts', 'Alerts'],
] as const;

function Screen({ seen }: { seen: Overview }) {
  const [name = '', id = ''] = route.value.path;
  if (name === '') return <OverviewScreen seen={seen} />;
  if (name === 'service') return <ServiceScreen seen={seen} name={id} />;
  if (name === 'call') return <CallScreen contact={id} />;
  if (name === 'contacts') return <ContactsScreen seen={seen} />;
  if (name === 'events') return <EventsScreen />;
  if (name === 'alerts') return <AlertsScreen seen={seen} />;
  return (
    <Empty>
      There is no such page. <a href={href([])}>To the overview</a>
    </Empty>
  );
}

function Head({ seen }: { seen: Overview | null }) {
  const [here = ''] = route.value.path;
  const current = here === 'service' ? '' : here === 'call' ? 'contacts' : here;
  const firing = (seen?.alerts ?? []).filter(({ state }) => state === 'firing').length;
  return (
    <header>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>('#main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <h1>call-agent</h1>
      <nav aria-label="Screens">
        {screens.map(([path, label]) => (
          <a
            key={path}
            href={href(path === '' ? [] : [path])}
            aria-current={current === path ? 'page' : undefined}
          >
            {label}
            {path === 'alerts' && firing > 0 ? ` (${firing})` : ''}
          </a>
        ))}
      </nav>
      <Where seen={seen} />
    </header>
  );
}

/** Never the past without a word: what is shown while the journal is still being read. */
function Reading({ seen: { lastSeq, lastAt, goal } }: { seen: Overview }) {
  return (
    <div class="headline quiet">
      <p role="status">
        Reading the journal
        {lastSeq > 0 && `, so far up to ${date(lastAt)}: what stands below is how it was then`}.
      </p>
      <progress max={goal || 1} value={lastSeq} aria-label="Records that have been read" />
      <p class="small">
        {count(lastSeq)} of {count(goal)} records
      </p>
    </div>
  );
}

/** A journal that is dropped anywhere on the page is opened, in the browser alone. */
function useDrop(): void {
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void show(file);
    };
    addEventListener('dragover', over);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('drop', drop);
    };
  }, []);
}

/** `/` goes to the page's search field, as elsewhere. */
function useSearchKey(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      document.querySelector<HTMLElement>('#search')?.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

export function App() {
  const seen = overview.value;
  const problem = openProblem.value ?? failure.value ?? seen?.problem;
  // Better nothing than the present under the name of a moment that can't be had.
  const isOther = failure.value !== null && seen !== null && (moment.value ?? Infinity) < seen.seq;
  useDrop();
  useSearchKey();
  return (
    <>
      <Head seen={seen} />
      <main id="main" tabIndex={-1} data-screen={route.value.path[0] ?? ''}>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        {seen?.isReading && moment.value === null && <Reading seen={seen} />}
        {seen && seen.lastSeq === 0 && !seen.isReading && !problem && (
          <Empty>
            Nothing has happened in this folder yet. Try{' '}
            <code>npx call-agent scenario recovery --serve</code>. What scenarios did is shown by{' '}
            <code>npx call-agent serve --data data/scenarios</code>.
          </Empty>
        )}
        {seen && !isOther && <Screen seen={seen} />}
        {!seen && <p class="quiet">Reading the journal…</p>}
      </main>
      <footer>
        <TimeTravel />
      </footer>
    </>
  );
}
