import type { AlertText } from '../../../machines/incident.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { keyOf, type Condition, type Ending } from '../alert.ts';
import type { Situation } from '../situation.ts';
import { clockTime, count, fact, resolvedText, withoutStop } from '../words.ts';
import { adviceOf } from './accounts.ts';
import { NOTHING, type Rule } from './rule.ts';

/** A campaign that has paused itself, because an error would meet every contact. */
export class CampaignRule implements Rule {
  readonly name = 'campaigns';
  readonly kinds = ['campaign.paused'] as const;
  readonly #situation: Situation;

  constructor(situation: Situation) {
    this.#situation = situation;
  }

  apply({ machine, actor, from, to, context }: JournalRecord): readonly string[] {
    if (machine !== 'campaign') return NOTHING;
    const isSame = from === to && context?.['pausedBy'] === undefined;
    return isSame ? NOTHING : [keyOf('campaign.paused', actor.slice('campaign:'.length))];
  }

  keys(): readonly string[] {
    const names = [...this.#situation.campaigns.keys()];
    return names.map((campaign) => keyOf('campaign.paused', campaign));
  }

  evaluate(key: string): Condition | null {
    if (!key.startsWith('campaign.paused ')) return null;
    const campaign = key.slice('campaign.paused '.length);
    const { pausedBy, pausedAt } = this.#situation.campaign(campaign);
    if (pausedBy === null || pausedAt === null) return null;
    return {
      key,
      rule: 'campaign.paused',
      service: pausedBy.service,
      blame: pausedBy.service,
      since: pausedAt,
      dueAt: pausedAt,
      revision: 0,
      recheckAt: null,
      text: (since) => this.#text(campaign, since),
    };
  }

  ending({ key, since, at }: Ending): AlertText {
    const campaign = key.slice('campaign.paused '.length);
    const { state, waiting } = this.#situation.campaign(campaign);
    const isOver = !this.#situation.campaigns.has(campaign);
    if (isOver) return resolvedText(`campaign ${campaign} is done`, since, at);
    if (state === 'stopped' || state === 'paused')
      return resolvedText(`campaign ${campaign} was ${state} by a person`, since, at);
    return resolvedText(
      `campaign ${campaign} goes on`,
      since,
      at,
      `${count(waiting, 'contact')} to go.`,
    );
  }

  snapshot(): unknown {
    return null;
  }

  restore(): void {}

  #text(campaign: string, since: number): AlertText {
    const { pausedBy, waiting } = this.#situation.campaign(campaign);
    const reason = withoutStop(pausedBy?.message ?? 'no reason given');
    const service = pausedBy?.service ?? 'the service';
    return {
      title: `campaign ${campaign} paused itself: ${reason}`,
      paragraphs: [
        `${service} gave an error at ${clockTime(since)} that every contact would meet.`,
        `${count(waiting, 'contact waits', 'contacts wait')}. None of them has been given up; nobody is called until the campaign goes on.`,
        'With --wait the agent tries one contact when a health check passes; without, the campaign goes on when it is run again.',
        `What you can do: ${pausedBy ? adviceOf(pausedBy) : 'see to the reason'}, then run the same command again.`,
      ],
      facts: [
        fact('Campaign', campaign),
        fact('Service', service),
        ...(pausedBy ? [fact('Error', pausedBy.kind)] : []),
        fact('Contacts waiting', waiting),
      ],
    };
  }
}
