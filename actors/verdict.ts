import { UserError } from '../errors.ts';
import type { ContactDecided, ContactDropped, Verdict } from '../machines/campaign-protocol.ts';
import type { Entry, Ledger } from '../store/ledger.ts';

/** A campaign's root, running or as the journal leaves it. */
export interface CampaignSnapshot {
  readonly context: unknown;
  readonly children: { readonly [id: string]: unknown };
}

export interface Circumstances {
  readonly ledger: Ledger;
  /** Null when it has ended. */
  readonly campaign: (root: string) => CampaignSnapshot | null;
  readonly now: () => number;
}

/** The event that carries a verdict, and the actor that it is for. */
export interface Order {
  readonly actor: string;
  readonly event: ContactDecided | ContactDropped;
}

/**
 * What a person decides about a contact of whom nobody knows whether it was called, or leaves out of
 * those that are put back.
 * @throws UserError when there is nothing to decide, or no campaign that could call again
 */
export function verdictOn(
  contact: string,
  verdict: Verdict,
  by: string,
  { ledger, campaign, now }: Circumstances,
): Order {
  const entry = entryToSettle(ledger, contact, verdict);
  const event = { type: 'contact.decided', at: now(), contact, verdict, by } as const;
  const actor = `campaign:${entry.campaign ?? ''}`;
  const root = entry.campaign === null ? null : campaign(actor);
  if (root?.children[`worker:${entry.worker}`]) {
    throw new UserError(
      `The campaign of contact ${contact} has yet to hear how its call ended: ` +
        'let it go on first, with npx call-agent campaign resume.',
    );
  }
  if (entry.status === 'deferred') return { actor, event: dropped(contact, by, now(), root) };
  if (root) return { actor, event };
  if (verdict !== 'retry') return { actor: 'agent', event };
  throw new UserError(
    `Contact ${contact} belongs to no campaign that goes on: to call it again, use npx call-agent call.`,
  );
}

/** @throws UserError when a worker of its campaign is about to take it */
function dropped(
  contact: string,
  by: string,
  at: number,
  root: CampaignSnapshot | null,
): ContactDropped {
  const { queued = 0 } = (root?.context ?? {}) as { queued?: number };
  if (queued > 0) return { type: 'contact.dropped', at, contact, by };
  throw new UserError(
    root
      ? `Contact ${contact} is about to be called: pause the campaign first.`
      : `Contact ${contact} belongs to no campaign that goes on: nobody calls it again.`,
  );
}

function entryToSettle(ledger: Ledger, contact: string, verdict: Verdict): Entry {
  const entry = ledger.get(contact);
  if (!entry) throw new UserError(`No contact ${contact} has been called yet.`);
  const { status } = entry;
  if (status === 'unknown' || (status === 'deferred' && verdict === 'skip')) return entry;
  throw new UserError(
    status === 'deferred'
      ? `Contact ${contact} is deferred: it can be settled with skip, and is called again without.`
      : `Contact ${contact} is ${status}: only one that is unknown can be settled.`,
  );
}
