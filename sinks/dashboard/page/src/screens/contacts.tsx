import { stateWord } from '../format.ts';
import { Action } from '../parts/action.tsx';
import { Badge } from '../parts/badge.tsx';
import { Empty } from '../parts/empty.tsx';
import { useAsked } from '../parts/use-asked.ts';
import { href, route, setQuery } from '../route.ts';
import { untilDue, when } from '../store.ts';
import type { CallView, Overview, Verdict } from '../types.ts';

const statuses = ['active', 'completed', 'failed', 'deferred', 'skipped', 'unknown'] as const;
const PAGE = 100;

function reasonOf(call: CallView): string {
  if (call.status === 'active' && call.waitsUntil !== null)
    return `next attempt ${untilDue(call.waitsUntil)}`;
  return call.error?.message ?? call.disposition ?? '';
}

function Settle({ contact }: { contact: string }) {
  const settle = (verdict: Verdict, label: string, question: string) => (
    <Action
      label={label}
      question={question}
      what={{ type: 'campaign.settle', contact, verdict }}
    />
  );
  return (
    <span class="row">
      {settle(
        'answered',
        'Was answered',
        `Contact ${contact} was called: count it as completed, and write it to the CRM?`,
      )}
      {settle('retry', 'Call again', `Contact ${contact} was not called: call it again?`)}
      {settle('skip', 'Leave it', `Leave contact ${contact} alone?`)}
    </span>
  );
}

function Row({ call }: { call: CallView }) {
  return (
    <tr>
      <td>
        <a href={href(['call', call.contact])}>{call.contact}</a>
      </td>
      <td>
        <Badge state={call.status} />
      </td>
      <td>{stateWord(call.state)}</td>
      <td>{reasonOf(call)}</td>
      <td>{call.crm ?? ''}</td>
      <td class="nowrap">{when(call.at)}</td>
      <td>{call.status === 'unknown' && <Settle contact={call.contact} />}</td>
    </tr>
  );
}

interface Wanted {
  readonly status: string;
  readonly reason: string;
  readonly campaign: string;
}

function Filters({ seen, want }: { seen: Overview; want: Wanted }) {
  const { status, reason, campaign } = want;
  return (
    <div class="filters" role="group" aria-label="Filters">
      <button
        type="button"
        aria-pressed={status === ''}
        onClick={() => setQuery({ status: null, offset: null })}
      >
        all
      </button>
      {statuses.map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={status === name}
          onClick={() => setQuery({ status: name, offset: null })}
        >
          {name} {campaign === '' && (seen.calls[name] ?? 0)}
        </button>
      ))}
      {campaign !== '' && (
        <button
          type="button"
          aria-pressed="true"
          title="Show those of all campaigns"
          onClick={() => setQuery({ campaign: null, offset: null })}
        >
          campaign {campaign} ✕
        </button>
      )}
      <label>
        reason{' '}
        <input
          id="search"
          type="search"
          value={reason}
          placeholder="503, quota, busy …"
          onInput={({ currentTarget }) =>
            setQuery({ reason: currentTarget.value || null, offset: null })
          }
        />
      </label>
    </div>
  );
}

const columns = ['contact', 'status', 'step', 'reason or outcome', 'CRM', 'last moved'] as const;

function Table({ contacts }: { contacts: readonly CallView[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Contacts">
      <table>
        <thead>
          <tr>
            {columns.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
            <th scope="col">
              <span class="hidden">decide</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {contacts.map((call) => (
            <Row key={call.contact} call={call} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pages({ offset, total }: { offset: number; total: number }) {
  const go = (to: number): void => setQuery({ offset: to <= 0 ? null : String(to) });
  return (
    <p class="row">
      <button type="button" disabled={offset === 0} onClick={() => go(offset - PAGE)}>
        ← before
      </button>
      <span>
        {offset + 1} to {Math.min(offset + PAGE, total)} of {total}
      </span>
      <button type="button" disabled={offset + PAGE >= total} onClick={() => go(offset + PAGE)}>
        more →
      </button>
    </p>
  );
}

export function ContactsScreen({ seen }: { seen: Overview }) {
  const { query } = route.value;
  const status = query.get('status') ?? '';
  const reason = query.get('reason') ?? '';
  const campaign = query.get('campaign') ?? '';
  const offset = Number(query.get('offset') ?? 0) || 0;
  const { data, problem } = useAsked(
    (source, until) => source.contacts({ status, reason, campaign, offset }, until),
    JSON.stringify([status, reason, campaign, offset]),
  );
  const isFiltered = status !== '' || reason !== '' || campaign !== '';
  return (
    <>
      <h2>Contacts</h2>
      <Filters seen={seen} want={{ status, reason, campaign }} />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {data?.total === 0 && (
        <Empty>
          {isFiltered
            ? 'No contact is like that; take a filter away to see more.'
            : 'No contact yet: the first call brings one.'}
        </Empty>
      )}
      {data && data.total > 0 && (
        <>
          <Table contacts={data.contacts} />
          <Pages offset={offset} total={data.total} />
        </>
      )}
    </>
  );
}
