import { campaignMachine } from '../../machines/campaign.ts';
import type {
  CampaignEvent,
  CampaignInput,
  ContactStatus,
  Verdict,
} from '../../machines/campaign-protocol.ts';
import type { Failure } from '../../machines/results.ts';
import { MINUTE, NOW } from './fixtures.ts';
import { given } from './given.ts';

export const begin: CampaignEvent = { type: 'campaign.begin', at: NOW };
export const resumed: CampaignEvent = { type: 'resumed', at: NOW, downMs: MINUTE };
export const fired: CampaignEvent = { type: 'timer.fired', at: NOW + MINUTE };
export const pause: CampaignEvent = { type: 'campaign.pause', at: NOW, by: 'cli' };
export const stop: CampaignEvent = { type: 'campaign.stop', at: NOW, by: 'cli' };
export const resume: CampaignEvent = {
  type: 'campaign.resume',
  at: NOW,
  by: 'cli',
  isTrial: false,
};
export const tryAgain: CampaignEvent = {
  type: 'campaign.resume',
  at: NOW,
  by: 'health',
  isTrial: true,
};
export const configure = (concurrency: number): CampaignEvent => ({
  type: 'campaign.configure',
  at: NOW,
  concurrency,
});
export const settled = (
  worker: number,
  status: ContactStatus = 'completed',
  error: Failure | null = null,
  more: { readonly until?: number } = {},
): CampaignEvent => ({
  type: 'contact.settled',
  at: NOW,
  worker,
  contact: `contact-${worker}`,
  status,
  error,
  ...more,
});
export const held = (
  worker: number,
  until = NOW + MINUTE,
  service: string | null = 'LLM',
): CampaignEvent => ({ type: 'contact.held', at: NOW, worker, until, service });
export const decided = (verdict: Verdict, contact = 'contact-0'): CampaignEvent => ({
  type: 'contact.decided',
  at: NOW,
  contact,
  verdict,
  by: 'cli',
});
export const dropped: CampaignEvent = {
  type: 'contact.dropped',
  at: NOW,
  contact: 'contact-0',
  by: 'cli',
};

export const campaign = (more: Partial<CampaignInput> = {}) =>
  given(campaignMachine, { id: 'campaign:spring-list', total: 5, concurrency: 2, ...more });
export const worker = (number: number) => ({
  [`worker:${number}`]: { campaign: 'campaign:spring-list', worker: number },
});
export const none = { completed: 0, failed: 0, skipped: 0, unknown: 0 };

export const ready = campaign();
export const running = ready.events(begin);
export const holding = running.events(held(0));
export const paused = running.events(pause);
export const stopped = running.events(stop);
/** Two contacts, of one of whom nobody knows whether it was called. */
export const undecided = campaign({ total: 2 }).events(begin, settled(0, 'unknown'), settled(1));
