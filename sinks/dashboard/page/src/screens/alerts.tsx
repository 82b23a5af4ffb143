import { date } from '../format.ts';
import { Action } from '../parts/action.tsx';
import { Badge } from '../parts/badge.tsx';
import { Empty } from '../parts/empty.tsx';
import type { AlertView, Overview } from '../types.ts';

const order = ['firing', 'acknowledged', 'pending', 'silenced', 'resolved'];

function Deliveries({ alert }: { alert: AlertView }) {
  if (!alert.deliveries.length) return null;
  return (
    <ul class="plain small">
      {alert.deliveries.map((delivery, index) => (
        <li key={index}>
          {delivery.channel}: {delivery.message} {delivery.state}
          {delivery.at ? `, ${date(Date.parse(delivery.at))}` : ''}
        </li>
      ))}
    </ul>
  );
}

function AlertCard({ alert }: { alert: AlertView }) {
  const { id, rule, severity, state, service, raisedAt, resolvedAt } = alert;
  return (
    <article class="card wide">
      <h3>
        <Badge state={severity} /> {alert.title ?? rule} <Badge state={state} />
      </h3>
      {alert.text && <p>{alert.text}</p>}
      <p class="quiet">
        {rule}
        {service ? `, ${service}` : ''}
        {raisedAt ? `, since ${date(Date.parse(raisedAt))}` : ''}
        {resolvedAt ? `, over at ${date(Date.parse(resolvedAt))}` : ''}
      </p>
      <Deliveries alert={alert} />
      {state === 'firing' && (
        <p class="row">
          <Action
            label="Acknowledge"
            question="Somebody looks after this: stop repeating it?"
            what={{ type: 'alerts.ack', id }}
          />
          <Action
            label="Silence for an hour"
            question={`Say nothing about ${service ?? rule} for an hour?`}
            what={{ type: 'alerts.silence', match: [service ?? rule], durationMs: 3_600_000 }}
          />
        </p>
      )}
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
          No alert yet. <code>call-agent alerts test</code> sends one, to see that the channels
          work.
        </Empty>
      )}
      <div class="grid">
        {alerts.map((alert) => (
          <AlertCard key={alert.id} alert={alert} />
        ))}
      </div>
    </>
  );
}
