import { date } from '../format.ts';
import { Action } from '../parts/action.tsx';
import { Badge } from '../parts/badge.tsx';
import { Channels, nextTry } from '../parts/channels.tsx';
import { Empty } from '../parts/empty.tsx';
import { Folded } from '../parts/folded.tsx';
import { Silences } from '../parts/silences.tsx';
import { Statechart } from '../parts/statechart.tsx';
import { goTo } from '../route.ts';
import type { AlertView, ChannelView, Overview } from '../types.ts';

const order = ['firing', 'acknowledged', 'pending', 'silenced', 'resolved'];
const isOver = ({ state }: AlertView): boolean => state === 'resolved';

interface Props {
  readonly alert: AlertView;
  readonly channels: readonly ChannelView[];
}

/** What has reached whom, and when what has not is tried again. */
function Deliveries({ alert, channels }: Props) {
  if (alert.deliveries.length === 0) return null;
  return (
    <table class="deliveries">
      <caption>Who was told</caption>
      <thead>
        <tr>
          <th scope="col">channel</th>
          <th scope="col">what</th>
          <th scope="col">delivery</th>
          <th scope="col">when</th>
        </tr>
      </thead>
      <tbody>
        {alert.deliveries.map(({ channel, message, state, at }, index) => (
          <tr key={index}>
            <td>{channel}</td>
            <td>{message}</td>
            <td>
              <Badge state={state} />
            </td>
            <td>
              {at !== null && date(Date.parse(at))}
              {state === 'pending' && nextTry(channels.find(({ name }) => name === channel))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Buttons({ alert: { id, state, service, rule } }: { alert: AlertView }) {
  const what = service ?? rule;
  return (
    <p class="row">
      {state === 'firing' && (
        <Action
          label="Acknowledge"
          question="Somebody looks after this: stop repeating it?"
          what={{ type: 'alerts.ack', id }}
        />
      )}
      <Action
        label="Silence for an hour"
        question={`Tell nobody about ${what} for an hour?`}
        what={{ type: 'alerts.silence', match: [what], durationMs: 3_600_000 }}
      />
    </p>
  );
}

/** `alert:3` or `silence:1`. */
function whyUntold(mutedBy: string): string {
  const [kind, number] = mutedBy.split(':');
  return kind === 'silence'
    ? `Nobody is told: silence ${number} holds.`
    : `Nobody is told: alert ${number} says it all.`;
}

/** Where the alert stands, in words and as its live statechart. */
function Life({ alert: { id, state, move, acknowledgedBy, mutedBy } }: { alert: AlertView }) {
  return (
    <Folded summary="Its statechart" isOpen={state !== 'resolved'}>
      {acknowledgedBy !== null && <p class="quiet">Acknowledged by {acknowledgedBy}</p>}
      {mutedBy !== null && <p class="quiet">{whyUntold(mutedBy)}</p>}
      <Statechart machine="incident" state={state} last={move} name={`Alert ${id}`} />
      {move && (
        <p class="quiet small">
          Last transition: {move.event}, record{' '}
          <button type="button" class="plain" onClick={() => goTo(move.seq)}>
            {move.seq}
          </button>
        </p>
      )}
    </Folded>
  );
}

const signs: { readonly [rule: string]: (service: string) => string } = {
  'service.down': (service) => `${service} may be down`,
  'error.rate': () => 'many requests fail',
  'retry.rate': () => 'many requests need a retry',
  'latency.high': (service) => `${service} answers slowly`,
};

/** What nobody has been told of yet has no title. */
const signOf = ({ rule, service }: AlertView): string =>
  signs[rule]?.(service ?? 'a service') ??
  `a first sign of ${rule}${service === null ? '' : ` at ${service}`}`;

function AlertCard({ alert, channels }: Props) {
  const { id, rule, severity, state, service, raisedAt, resolvedAt } = alert;
  return (
    <article class={`card wide alert ${state}`} data-alert={id}>
      <h3>
        <Badge state={severity} /> {alert.title ?? signOf(alert)} <Badge state={state} />
      </h3>
      {alert.text && <p>{alert.text}</p>}
      {state === 'pending' && <p>People are told if it lasts.</p>}
      <p class="quiet">
        {rule}
        {service ? `, ${service}` : ''}
        {raisedAt ? `, since ${date(Date.parse(raisedAt))}` : ''}
        {resolvedAt ? `, over at ${date(Date.parse(resolvedAt))}` : ''}
      </p>
      {!isOver(alert) && <Buttons alert={alert} />}
      <Deliveries alert={alert} channels={channels} />
      <Life alert={alert} />
    </article>
  );
}

export function AlertsScreen({ seen }: { seen: Overview }) {
  const alerts = seen.alerts.toSorted(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) ||
      String(b.raisedAt).localeCompare(String(a.raisedAt)),
  );
  return (
    <>
      <h2>Alerts</h2>
      {alerts.length === 0 && (
        <Empty>
          No alert yet. <code>npx call-agent alerts test</code> sends one, to see that the channels
          work.
        </Empty>
      )}
      <div class="grid">
        {alerts.map((alert) => (
          <AlertCard key={alert.id} alert={alert} channels={seen.channels} />
        ))}
      </div>
      <Silences silences={seen.silences} />
      <Channels channels={seen.channels} />
    </>
  );
}
