import { href } from '../route.ts';
import { isAgentGone, isProvider, untilDue } from '../store.ts';
import type { ChannelView, Overview, ServiceView } from '../types.ts';

/** What is wrong with a service, and what happens next; null when it works. */
function troubleOf({ breaker, dueAt, options }: ServiceView): string | null {
  if (breaker === 'open') {
    const times = options?.failureThreshold;
    const cause = times === undefined ? '' : `failed ${times} times in a row, so it `;
    const next = dueAt === null ? '' : ` Next try ${untilDue(dueAt)}.`;
    return `${cause}is left alone for now.${next}`;
  }
  if (breaker === 'halfOpen') return 'is being tried again with a single request.';
  if (breaker === 'isolated') return 'has been taken out of use by a person.';
  return null;
}

/** The channels, when there are some and none of them works. */
function unheardBy(channels: readonly ChannelView[]): string | null {
  const isUnheard = channels.length > 0 && channels.every(({ state }) => state !== 'working');
  return isUnheard ? channels.map(({ name }) => name).join(', ') : null;
}

/** The state of things in a sentence or two, for somebody who has just come. */
export function Headline({ seen }: { seen: Overview }) {
  const troubles = seen.services
    .filter(isProvider)
    .map((service) => ({ name: service.name, trouble: troubleOf(service) }))
    .filter(({ trouble }) => trouble !== null);
  const unheard = unheardBy(seen.channels);
  if (seen.services.length === 0) return null;
  const isDead = isAgentGone.value && seen.isRunning;
  if (troubles.length === 0 && unheard === null && !isDead) {
    return (
      <p class="headline good">
        <span aria-hidden="true">●</span> Every service is in use.
      </p>
    );
  }
  return (
    <div class="headline bad">
      {isDead && (
        <p>
          <span aria-hidden="true">■</span> No agent is running: the last one was killed, or
          crashed. What stands below is how it left things.
        </p>
      )}
      {unheard !== null && (
        <p>
          <span aria-hidden="true">■</span> Nobody can be told of{' '}
          <a href={href(['alerts'])}>alerts</a>: {unheard}{' '}
          {seen.channels.length === 1 ? 'does' : 'do'} not work.
        </p>
      )}
      {troubles.map(({ name, trouble }) => (
        <p key={name}>
          <span aria-hidden="true">■</span> <a href={href(['service', name])}>{name}</a> {trouble}
        </p>
      ))}
    </div>
  );
}
