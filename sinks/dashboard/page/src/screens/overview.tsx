import { figuresOf } from '../../../model/recent.ts';
import { clock, duration, percent } from '../format.ts';
import { Badge } from '../parts/badge.tsx';
import { Bars } from '../parts/bars.tsx';
import { Empty } from '../parts/empty.tsx';
import { Action } from '../parts/action.tsx';
import { Headline } from './headline.tsx';
import { href } from '../route.ts';
import { isProvider, now } from '../store.ts';
import type { AlertView, CampaignView, Figures, Overview, ServiceView } from '../types.ts';

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

/** What a breaker that does not admit is waiting for. */
function Countdown({ service }: { service: ServiceView }) {
  const { breaker, dueAt } = service;
  if (breaker === 'open' && dueAt !== null)
    return (
      <p class="count">
        next probe in <b>{clock(dueAt - now.value)}</b>
      </p>
    );
  if (breaker === 'halfOpen')
    return <p class="count">{dueAt === null ? 'waits for a probe' : 'a probe is under way'}</p>;
  if (breaker === 'isolated') return <p class="count">taken out of use by a person</p>;
  return (
    <p class="count quiet">
      {service.failures > 0 ? `${service.failures} failed in a row` : 'admits everything'}
    </p>
  );
}

/** Why a breaker is not closed, in the words of the service. */
function Why({ service }: { service: ServiceView }) {
  const { breaker, lastError, healthError, health } = service;
  if (breaker === 'closed') {
    if (health !== 'UNHEALTHY' || !healthError) return null;
    return <p class="why small">Its health check fails: {healthError.message}</p>;
  }
  if (breaker === 'isolated' || !lastError) return null;
  return <p class="why small">{lastError.error.message}</p>;
}

function ServiceCard({ service }: { service: ServiceView }) {
  const figures = figuresOf(service.recent, now.value);
  return (
    <article class={`card service ${service.breaker}`} data-service={service.name}>
      <h3>
        <a href={href(['service', service.name])}>{service.name}</a>
      </h3>
      <p class="row">
        <Badge state={service.breaker} /> <Badge state={service.health} />
      </p>
      <Countdown service={service} />
      <Why service={service} />
      <Bars recent={service.recent} now={now.value} />
      <dl class="figures four">
        <Figure name="errors" value={percent(figures.errorRate)} />
        <Figure name="p50" value={duration(figures.p50)} />
        <Figure name="p95" value={duration(figures.p95)} />
        <Figure name="p99" value={duration(figures.p99)} />
      </dl>
    </article>
  );
}

/** Why a campaign does not go on, in a sentence. */
function whyItWaits(campaign: CampaignView): string | null {
  const { state, heldBy, dueAt, pausedBy, by } = campaign;
  if (state === 'holding' && heldBy !== null)
    return `Waits for ${heldBy}: its circuit breaker is open.`;
  if (state === 'holding' && dueAt !== null)
    return `The next contact is due in ${clock(dueAt - now.value)}.`;
  if (state === 'paused')
    return pausedBy ? `Paused itself: ${pausedBy.message}` : `Paused${by ? ` by ${by}` : ''}.`;
  if (state === 'stopped') return `Stopped${by ? ` by ${by}` : ''}; running it again goes on.`;
  return null;
}

function CampaignCard({ campaign }: { campaign: CampaignView }) {
  const { name, state, total, ended, active, queued } = campaign;
  const why = whyItWaits(campaign);
  const over = ended.completed + ended.failed + ended.skipped + ended.unknown;
  const isOver = state === 'done';
  const isHalted = state === 'paused' || state === 'stopped';
  return (
    <article class="card wide">
      <h3>
        Campaign {name} <Badge state={state} />
      </h3>
      <progress max={total || 1} value={over} aria-label={`${over} of ${total} contacts`} />
      <p>
        <a href={href(['contacts'], { status: 'completed' })}>{ended.completed} completed</a>,{' '}
        <a href={href(['contacts'], { status: 'failed' })}>{ended.failed} failed</a>,{' '}
        {ended.skipped} skipped,{' '}
        <a href={href(['contacts'], { status: 'unknown' })}>{ended.unknown} unknown</a>, {active}{' '}
        under way, {queued} waiting, of {total}
      </p>
      {why && <p class="why">{why}</p>}
      {!isOver && (
        <p class="row">
          {isHalted ? (
            <Action
              label="Resume"
              question={`Go on with the campaign ${name}?`}
              what={{ type: 'campaign.resume', campaign: name }}
            />
          ) : (
            <Action
              label="Pause"
              question={`Pause the campaign ${name}? Calls under way come to their end.`}
              what={{ type: 'campaign.pause', campaign: name }}
            />
          )}
          {state !== 'stopped' && (
            <Action
              label="Stop"
              isDangerous
              question={`Stop the campaign ${name}? Running it again goes on where it stops.`}
              what={{ type: 'campaign.stop', campaign: name }}
            />
          )}
        </p>
      )}
    </article>
  );
}

/** Calls that belong to no campaign: a scenario's, or one made from the menu. */
function SingleCalls({ calls }: { calls: Overview['calls'] }) {
  const counts = Object.entries(calls);
  if (counts.length === 0) {
    return (
      <Empty>
        No campaign yet. Start one with <code>npx call-agent campaign run contacts.csv</code>.
      </Empty>
    );
  }
  return (
    <p class="card row">
      Calls without a campaign:
      {counts.map(([status, count]) => (
        <a key={status} href={href(['contacts'], { status })}>
          {count} {status === 'active' ? 'under way' : status}
        </a>
      ))}
    </p>
  );
}

const metricNames: {
  readonly [name in keyof Figures]: {
    label: string;
    show: (value: number | null) => string;
    bound: '<' | '>';
  };
} = {
  errorRate: { label: 'Error rate', show: percent, bound: '<' },
  retrySuccessRate: { label: 'Retries that help', show: percent, bound: '>' },
  circuitBreakerOpensPerHour: {
    label: 'Breaker opens per hour',
    show: (v) => (v === null ? '–' : v.toFixed(1)),
    bound: '<',
  },
  averageRetryCount: {
    label: 'Retries per request',
    show: (v) => (v === null ? '–' : v.toFixed(2)),
    bound: '<',
  },
  recoveryTimeSeconds: {
    label: 'Open until closed',
    show: (v) => duration(v === null ? null : v * 1000),
    bound: '<',
  },
};

const names = Object.keys(metricNames) as (keyof Figures)[];

function Metrics({ metrics }: { metrics: Figures }) {
  return (
    <div class="grid small">
      {names.map((name) => {
        const { label, show, bound } = metricNames[name];
        const metric = metrics[name];
        return (
          <div class={`card metric ${metric.ok ? '' : 'bad'}`} key={name}>
            <p class="label">{label}</p>
            <p class="value">{show(metric.value)}</p>
            <p class="quiet">
              <span aria-hidden="true">{metric.ok ? '✓' : '■'}</span>{' '}
              {metric.ok ? 'as it should be' : 'not as it should be'} ({bound}{' '}
              {show(metric.threshold)})
            </p>
          </div>
        );
      })}
    </div>
  );
}

export function AlertLine({ alert }: { alert: AlertView }) {
  return (
    <li>
      <Badge state={alert.severity} /> <a href={href(['alerts'])}>{alert.title ?? alert.rule}</a>{' '}
      <Badge state={alert.state} />
      {alert.text && <p class="quiet small">{alert.text}</p>}
    </li>
  );
}

export function OverviewScreen({ seen }: { seen: Overview }) {
  const firing = seen.alerts.filter(({ state }) => state === 'firing' || state === 'acknowledged');
  return (
    <>
      <Headline seen={seen} />
      <section aria-labelledby="campaigns">
        <h2 id="campaigns">Campaigns</h2>
        {seen.campaigns.length === 0 && <SingleCalls calls={seen.calls} />}
        <div class="grid">
          {seen.campaigns.map((campaign) => (
            <CampaignCard key={campaign.name} campaign={campaign} />
          ))}
        </div>
      </section>
      <section aria-labelledby="services">
        <h2 id="services">Services</h2>
        {seen.simulated.length > 0 && <p class="quiet">Simulated: {seen.simulated.join(', ')}</p>}
        {seen.services.length === 0 && <Empty>Nothing has been asked of any service yet.</Empty>}
        <div class="grid">
          {seen.services.filter(isProvider).map((service) => (
            <ServiceCard key={service.name} service={service} />
          ))}
        </div>
      </section>
      <section aria-labelledby="firing">
        <h2 id="firing">Alerts</h2>
        {firing.length === 0 ? (
          <Empty>Nothing is firing.</Empty>
        ) : (
          <ul class="plain">
            {firing.map((alert) => (
              <AlertLine key={alert.id} alert={alert} />
            ))}
          </ul>
        )}
      </section>
      {seen.metrics && (
        <section aria-labelledby="metrics">
          <h2 id="metrics">Is all well?</h2>
          <Metrics metrics={seen.metrics} />
        </section>
      )}
    </>
  );
}
