import { UserError } from '../errors.ts';
import type { ContactDecided, Verdict } from '../machines/campaign-protocol.ts';
import type { Entry, Ledger } from '../store/ledger.ts';

/** A campaign's root, running or as the journal leaves it. */
export interface CampaignSnapshot {
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
  readonly event: ContactDecided;
}

/**
 * What a person decides about a contact of whom nobody knows whether it was called.
 * @throws UserError when there is nothing to decide, or no campaign that could call again
 */
export function verdictOn(
  contact: string,
  verdict: Verdict,
  by: string,
  { ledger, campaign, now }: Circumstances,
): Order {
  const entry = unknownEntry(ledger, contact);
  const event = { type: 'contact.decided', at: now(), contact, verdict, by } as const;
  const actor = `campaign:${entry.campaign ?? ''}`;
  const root = entry.campaign === null ? null : campaign(actor);
  if (root?.children[`worker:${entry.worker}`]) {
    throw new UserError(
      `The campaign of contact ${contact} has yet to hear how its call ended: ` +
        'let it go on first, with npx call-agent campaign resume.',
    );
  }
  if (root) return { actor, event };
  if (verdict !== 'retry') return { actor: 'agent', event };
  throw new UserError(
    `Contact ${contact} belongs to no campaign that goes on: to call it again, use npx call-agent call.`,
  );
}

function unknownEntry(ledger: Ledger, contact: string): Entry {
  const entry = ledger.get(contact);
  if (!entry) throw new UserError(`No contact ${contact} has been called yet.`);
  if (entry.status === 'unknown') return entry;
  throw new UserError(
    `Contact ${contact} is ${entry.status}: only one that is unknown can be settled.`,
  );
}
