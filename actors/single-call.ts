import { UserError } from '../errors.ts';
import type { CallSettings, CallStep } from '../machines/call-protocol.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Entry } from '../store/ledger.ts';
import { onCallEnd, startCall } from './calls.ts';
import { readPhone } from './contacts/phone.ts';
import { reportCall, type ReportedCall } from './report.ts';

export interface Person {
  readonly name: string;
  /** E.164. */
  readonly phone: string;
  readonly variables?: { readonly [name: string]: string };
}

export interface SingleCallResult extends ReportedCall {
  readonly steps: readonly CallStep[];
}

/**
 * Calls one person who is in no list, and waits for the end of it.
 * @throws UserError when the number is not one
 */
export async function callPerson(
  runtime: Runtime,
  { name, phone, variables = {} }: Person,
  { settings, simulated }: { readonly settings: CallSettings; readonly simulated: boolean },
): Promise<SingleCallResult> {
  const read = readPhone(phone, null);
  if (!read.ok) throw new UserError(`${name || 'The contact'} can't be called: ${read.reason}`);
  const { contacts } = runtime;
  const contact = {
    id: contacts.nextId(),
    phone: read.phone,
    name,
    variables,
    timezone: null,
    skip: null,
  };
  contacts.addSingle(contact);
  startCall(runtime, { contact: contact.id, campaign: null, worker: null, simulated, settings });
  const entry = await new Promise<Entry>((resolve) => onCallEnd(runtime, contact.id, resolve));
  return { ...reportCall(contact, entry), steps: entry.steps };
}
