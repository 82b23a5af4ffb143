import { Fragment } from 'preact';
import { openShare } from '../../../model/services.ts';
import { figuresOf } from '../../../model/recent.ts';
import { date, duration, percent, stateWord } from '../format.ts';
import { Action } from '../parts/action.tsx';
import { Badge } from '../parts/badge.tsx';
import { Bars } from '../parts/bars.tsx';
import { Empty } from '../parts/empty.tsx';
import { Statechart } from '../parts/statechart.tsx';
import { goTo } from '../route.ts';
import { now, untilDue, when } from '../store.ts';
import type { Overview, ServiceView } from '../types.ts';

const settings: { readonly [name: string]: { label: string; show: (value: number) => string } } = {
  failureThreshold: { label: 'Opens after', show: (v) => `${v} failed in a row` },
  openForMs: { label: 'Stays open for', show: duration },
  halfOpenProbes: { label: 'Probes that must succeed', show: String },
  probeTimeoutMs: { label: 'A probe may take', show: duration },
};

function Settings({ service }: { service: ServiceView }) {
  const options = Object.entries(service.options ?? {});
  return (
    <dl class="settings">
      {options.map(([name, value]) => {
        const { label, show } = settings[name] ?? { label: name, show: String };
        return (
          <div key={name}>
            <dt>{label}</dt>
            <dd>{show(Number(value))}</dd>
          </div>
        );
      })}
      {service.checkEveryMs !== null && (
        <div>
          <dt>Health check every</dt>
          <dd>{duration(service.checkEveryMs)}</dd>
        </div>
      )}
    </dl>
  );
}

function Moves({ service }: { service: ServiceView }) {
  if (service.moves.length === 0) return <Empty>Nothing has moved yet.</Empty>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Last transitions">
      <table>
        <thead>
          <tr>
            <th scope="col">seq</th>
            <th scope="col">time</th>
            <th scope="col">machine</th>
            <th scope="col">event</th>
            <th scope="col">from</th>
            <th scope="col">to</th>
            <th scope="col">by</th>
          </tr>
        </thead>
        <tbody>
          {service.moves.toReversed().map((move) => (
            <tr key={move.seq}>
              <td class="number">
                <button
                  type="button"
                  class="plain"
                  onClick={() => goTo(move.seq)}
                  title="Look at this moment"
                >
                  {move.seq}
                </button>
              </td>
              <td class="nowrap">{when(move.at)}</td>
              <td>{move.machine}</td>
              <td class="mono">{move.event}</td>
              <td>{move.from}</td>
              <td>
                <b>{move.to}</b>
              </td>
              <td>{move.by ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Actions({ service: { name, breaker } }: { service: ServiceView }) {
  const services = [name];
  return (
    <p class="row">
      <Action
        label="Reset"
        question={`Close the circuit breaker of ${name}? Requests go out again at once.`}
        what={{ type: 'reset', services }}
      />
      {breaker === 'isolated' ? (
        <Action
          key="release"
          label="Release"
          question={`Use ${name} again?`}
          what={{ type: 'release', services }}
        />
      ) : (
        <Action
          key="isolate"
          label="Isolate"
          isDangerous
          question={`Take ${name} out of use? Nothing is asked of it until you release it.`}
          what={{ type: 'isolate', services }}
        />
      )}
    </p>
  );
}

function Charts({ service }: { service: ServiceView }) {
  const lastOf = (machine: string) =>
    service.moves.findLast((move) => move.machine === machine) ?? null;
  const { breaker, checker, health, healthSince } = service;
  return (
    <div class="grid two">
      <section aria-label="Circuit breaker">
        <h3>Circuit breaker</h3>
        <Statechart machine="breaker" state={breaker} last={lastOf('breaker')} />
      </section>
      <section aria-label="Health checker">
        <h3>Health checker</h3>
        <Statechart machine="health" state={checker} last={lastOf('health')} />
        {healthSince !== null && (
          <p class="quiet">
            {stateWord(health)} since {date(healthSince)}
          </p>
        )}
      </section>
    </div>
  );
}

function Figures({ service }: { service: ServiceView }) {
  const { attempts, errorRate, p50, p95, p99 } = figuresOf(service.recent, now.value);
  const figures = {
    attempts: String(attempts),
    errors: percent(errorRate),
    p50: duration(p50),
    p95: duration(p95),
    p99: duration(p99),
    opened: `${service.opens}×`,
    'time not closed': percent(openShare(service, now.value)),
  };
  return (
    <dl class="figures">
      {Object.entries(figures).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

export function ServiceScreen({ seen, name }: { seen: Overview; name: string }) {
  const service = seen.services.find((known) => known.name === name);
  if (!service) return <Empty>There is no service called {name} at this moment.</Empty>;
  const { breaker, dueAt, lastError } = service;
  return (
    <>
      <h2>
        {name} <Badge of="breaker" state={breaker} /> <Badge of="health" state={service.health} />
      </h2>
      {breaker === 'open' && dueAt !== null && (
        <p class="count">
          Nothing is asked of it. Next probe <b>{untilDue(dueAt)}</b>.
        </p>
      )}
      {lastError && (
        <p>
          Last error, {when(lastError.at)}: {lastError.error.message}
        </p>
      )}
      <Actions service={service} />
      <Charts service={service} />
      <h3>The last two minutes</h3>
      <Bars recent={service.recent} now={now.value} />
      <Figures service={service} />
      <h3>Last transitions</h3>
      <Moves service={service} />
      <h3>Settings</h3>
      <Settings service={service} />
    </>
  );
}
