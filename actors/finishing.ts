import type { CallRef } from '../machines/call.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { STOPPED_BY_START } from '../runtime/restore.ts';
import type { CampaignRef } from '../machines/campaign.ts';

/** A campaign that a start was not asked for, and whose calls it brings to their end all the same. */
export interface Finishing {
  readonly campaign: string;
  readonly calls: number;
  readonly was: 'cut off' | 'paused' | 'stopped';
}

/** Right after a start, by the calls that it goes on with. */
export function finishing({ roots }: Runtime, asked: string | null): Finishing[] {
  const counts = new Map<string, number>();
  for (const id of roots.ids()) {
    if (!id.startsWith('call:')) continue;
    const call = roots.get(id) as CallRef | undefined;
    const campaign = call?.getSnapshot().context.campaign ?? null;
    if (campaign === null || campaign === asked) continue;
    counts.set(campaign, (counts.get(campaign) ?? 0) + 1);
  }
  return [...counts].map(([campaign, calls]) => {
    const root = roots.get(`campaign:${campaign}`) as CampaignRef | undefined;
    const { value, context } = root?.getSnapshot() ?? {};
    const isHalted = context !== undefined && context.haltedBy !== STOPPED_BY_START;
    const was = isHalted && (value === 'paused' || value === 'stopped') ? value : 'cut off';
    return { campaign, calls, was };
  });
}
