import { figuresOf } from '../../../model/recent.ts';
import { duration, percent } from '../format.ts';
import { Badge } from '../parts/badge.tsx';
import { Bars } from '../parts/bars.tsx';
import { Empty } from '../parts/empty.tsx';
import { CampaignCard } from './campaign-card.tsx';
import { Headline } from './headline.tsx';
import { href } from '../route.ts';
import { isProvider, now, untilDue } from '../store.ts';
import type { AlertView, Figures, Overview, ServiceView } from '../types.ts';

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
        next probe <b>{untilDue(dueAt)}</b>
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
        <Badge of="breaker" state={service.breaker} /> <Badge of="health" state={service.health} />
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

/** A figure that nothing has been measured for is neither good nor bad. */
function judged({ value, ok }: Figures[keyof Figures]): readonly [sign: string, words: string] {
  if (value === null) return ['○', 'nothing measured yet'];
  return ok ? ['✓', 'as it should be'] : ['■', 'not as it should be'];
}

function Metrics({ metrics }: { metrics: Figures }) {
  return (
    <div class="grid small">
      {names.map((name) => {
        const { label, show, bound } = metricNames[name];
        const metric = metrics[name];
        const [sign, verdict] = judged(metric);
        return (
          <div class={`card metric ${metric.ok ? '' : 'bad'}`} key={name}>
            <p class="label">{label}</p>
            <p class="value">{show(metric.value)}</p>
            <p class="quiet">
              <span aria-hidden="true">{sign}</span> {verdict} ({bound} {show(metric.threshold)})
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
            <CampaignCard
              key={campaign.name}
              campaign={campaign}
              isOnly={seen.campaigns.length === 1}
            />
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
