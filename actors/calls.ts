import type { CallInput, CallSettings } from '../machines/call-protocol.ts';
import { requestMachine } from '../machines/request.ts';
import type { RequestInput } from '../machines/request-protocol.ts';
import { seedOf } from '../machines/random.ts';
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

/** Makes the CRM writes that calls have left owing, each as a request of its own. */
export function writeOwedRecords(runtime: Runtime, settings: CallSettings): number {
  const owed = runtime.ledger.owed();
  for (const contact of owed) {
    const number = runtime.ledger.records(contact) + 1;
    const id = number === 1 ? `record:${contact}` : `record:${contact}.${number}`;
    const previous = number === 2 ? `record:${contact}` : `record:${contact}.${number - 1}`;
    if (runtime.roots.get(previous)) continue;
    runtime.roots.start(requestMachine.id, id, recordInput(runtime, contact, id, settings));
  }
  return owed.length;
}

function recordInput(
  runtime: Runtime,
  contact: string,
  id: string,
  settings: CallSettings,
): RequestInput {
  const entry = runtime.ledger.get(contact);
  return {
    id,
    service: 'CRM',
    operation: 'record',
    payload: {
      contact,
      simulated: false,
      key: entry?.root ?? id,
      disposition: entry?.disposition ?? null,
      durationMs: entry?.durationMs ?? null,
      placed: entry?.placed ?? null,
      at: entry?.dialledAt ?? null,
    },
    once: false,
    owned: false,
    policy: settings.policies['CRM'] ?? settings.policies.default,
    seed: seedOf(id),
    corr: `call:${contact}`,
    at: runtime.clock.now(),
  };
}
