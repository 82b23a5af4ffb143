import type { Report, Stage } from '../../machines/call-protocol.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { DialName } from './addresses.ts';

/** Twilio's call statuses, and the one that it has for callbacks alone, as steps of a call. */
const stages: { readonly [status: string]: Stage } = {
  queued: 'initiated',
  initiated: 'initiated',
  ringing: 'ringing',
  'in-progress': 'answered',
  completed: 'ended',
  busy: 'ended',
  'no-answer': 'ended',
  failed: 'ended',
  canceled: 'ended',
};

/** What a status callback tells; null when it tells nothing that we know. */
export function readReport(form: URLSearchParams): Report | null {
  const sid = form.get('CallSid') ?? '';
  const stage = stages[form.get('CallStatus') ?? ''];
  return /^CA[0-9a-fA-F]{32}$/.test(sid) && stage !== undefined ? { sid, stage } : null;
}

/** `repeated`: known, or overtaken. `over`: the call has ended. `unknown`: there was never one. */
export type Told = 'news' | 'repeated' | 'over' | 'unknown';

/**
 * Tells a call what telephony says of it. The call takes it for a hint: it asks telephony how it
 * stands, now rather than in a while, so that callbacks may be lost, repeated, overtaken, or sent
 * again by somebody who has seen one.
 */
export function tellCall(runtime: Runtime, { root, dial }: DialName, report: Report): Told {
  const call = runtime.roots.get(root);
  if (!call) {
    const contact = root.replace(/^call:/, '').replace(/\.\d+$/, '');
    return runtime.ledger.has(contact) ? 'over' : 'unknown';
  }
  const before: unknown = call.getSnapshot();
  call.send({ type: 'call.reported', at: runtime.clock.now(), dial, ...report });
  return call.getSnapshot() === before ? 'repeated' : 'news';
}
