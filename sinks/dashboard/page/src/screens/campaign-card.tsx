import { Action } from '../parts/action.tsx';
import { Badge } from '../parts/badge.tsx';
import { href } from '../route.ts';
import { isAgentGone, overview, untilDue } from '../store.ts';
import type { CampaignView } from '../types.ts';

function waitsFor(service: string): string {
  const breaker = overview.value?.services.find(({ name }) => name === service)?.breaker;
  const why =
    breaker === 'isolated'
      ? 'it was taken out of use by a person: release it on its page'
      : 'its circuit breaker is open';
  return `Waits for ${service}: ${why}.`;
}

/** Why a campaign does not go on, in a sentence. */
function whyItWaits(campaign: CampaignView): string | null {
  const { state, heldBy, dueAt, pausedBy, by } = campaign;
  if (state === 'holding' && heldBy !== null) return waitsFor(heldBy);
  if (state === 'holding' && dueAt !== null) return `The next contact is due ${untilDue(dueAt)}.`;
  if (state === 'paused')
    return pausedBy ? `Paused itself: ${pausedBy.message}` : `Paused${by ? ` by ${by}` : ''}.`;
  if (state === 'stopped') return `Stopped${by ? ` by ${by}` : ''}; running it again goes on.`;
  return null;
}

function Orders({ campaign, isHalted }: { campaign: CampaignView; isHalted: boolean }) {
  const { name, state } = campaign;
  return (
    <p class="row">
      {isHalted ? (
        <Action
          key="resume"
          label="Resume"
          question={`Go on with the campaign ${name}?`}
          what={{ type: 'campaign.resume', campaign: name }}
        />
      ) : (
        <Action
          key="pause"
          label="Pause"
          question={`Pause the campaign ${name}? Calls under way come to their end.`}
          what={{ type: 'campaign.pause', campaign: name }}
        />
      )}
      {state !== 'stopped' && (
        <Action
          key="stop"
          label="Stop"
          isDangerous
          question={`Stop the campaign ${name}? Running it again goes on where it stops.`}
          what={{ type: 'campaign.stop', campaign: name }}
        />
      )}
    </p>
  );
}

export function CampaignCard({ campaign, isOnly }: { campaign: CampaignView; isOnly: boolean }) {
  const { name, state, total, ended, active, queued } = campaign;
  const why = whyItWaits(campaign);
  const over = ended.completed + ended.failed + ended.skipped + ended.unknown;
  const isOver = state === 'done';
  const isHalted = state === 'paused' || state === 'stopped';
  const contacts = (status: string): string =>
    href(['contacts'], { status, campaign: isOnly ? null : name });
  const isLeft = isAgentGone.value && !isOver;
  const isIdle = isLeft || (!isOver && overview.value?.isRunning === false);
  return (
    <article class="card wide">
      <h3>
        Campaign {name} <Badge state={isIdle && !isHalted ? 'stopped' : state} />
      </h3>
      <progress max={total || 1} value={over} aria-label={`${over} of ${total} contacts`} />
      <p>
        <a href={contacts('completed')}>{ended.completed} completed</a>,{' '}
        <a href={contacts('failed')}>{ended.failed} failed</a>, {ended.skipped} skipped,{' '}
        <a href={contacts('unknown')}>{ended.unknown} unknown</a>, {active} under way, {queued}{' '}
        waiting, of {total}
      </p>
      {why && <p class="why">{why}</p>}
      {isLeft && (
        <p class="why">
          No agent works on it: <code>npx call-agent campaign resume {name}</code> goes on with it.
        </p>
      )}
      {!isOver && <Orders campaign={campaign} isHalted={isHalted} />}
    </article>
  );
}
