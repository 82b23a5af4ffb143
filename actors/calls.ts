import type { CallRef } from '../machines/call.ts';
import type { CallInput, CallSettings } from '../machines/call-protocol.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Entry } from '../store/ledger.ts';

export interface CallRequest {
  readonly contact: string;
  readonly campaign: string | null;
  readonly worker: number | null;
  /** @default false */
  readonly simulated?: boolean;
  readonly settings: CallSettings;
}

/** Starts a contact's next try: what an earlier one has made is handed on. @returns the root's id */
export function startCall(runtime: Runtime, request: CallRequest): string {
  const { contact, campaign, worker, simulated = false, settings } = request;
  const before = runtime.ledger.get(contact);
  const tries = before?.tries ?? 0;
  const id = tries === 0 ? `call:${contact}` : `call:${contact}.${tries + 1}`;
  const input: CallInput = {
    id,
    contact,
    campaign,
    worker,
    script: before?.script ?? null,
    speech: before?.speech ?? null,
    redials: before?.redials ?? 0,
    simulated,
    settings,
  };
  runtime.roots.start('call', id, input).send({ type: 'call.begin', at: runtime.clock.now() });
  return id;
}

/** Calls back when a call has ended, with what the journal then says of its contact. */
export function onCallEnd(
  runtime: Runtime,
  contact: string,
  callback: (entry: Entry) => void,
): void {
  const entry = runtime.ledger.get(contact);
  if (!entry) throw new Error(`No call was started for contact ${contact}`);
  if (!runtime.roots.get(entry.root)) {
    callback(entry);
    return;
  }
  runtime.roots.onEnd(entry.root, () => callback(runtime.ledger.get(contact) ?? entry));
}

const isDialling = (runtime: Runtime, id: string): boolean =>
  id.startsWith('call:') &&
  (runtime.roots.get(id) as CallRef | undefined)?.getSnapshot().value === 'dialling';

/** Resolves when no dial is on its way. */
export function callsDialled(runtime: Runtime): Promise<void> {
  const { journal, roots } = runtime;
  return new Promise((resolve) => {
    const look = (): void => {
      if (roots.ids().some((id) => isDialling(runtime, id))) return;
      journal.off('record', later);
      resolve();
    };
    // The line is written in the middle of the turn that it tells of.
    const later = (): void => queueMicrotask(look);
    journal.on('record', later);
    look();
  });
}
