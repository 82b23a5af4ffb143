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

/** @returns the number as E.164 @throws UserError when it is none */
export function phoneOf({ name, phone }: Pick<Person, 'name' | 'phone'>): string {
  const read = readPhone(phone, null);
  if (read.ok) return read.phone;
  throw new UserError(`${name || 'The contact'} can't be called: ${read.reason}`);
}

/**
 * Calls one person who is in no list, and waits for the end of it.
 * @throws UserError when the number is not one
 */
export async function callPerson(
  runtime: Runtime,
  person: Person,
  { settings, simulated }: { readonly settings: CallSettings; readonly simulated: boolean },
): Promise<SingleCallResult> {
  const { name, variables = {} } = person;
  const phone = phoneOf(person);
  const { contacts } = runtime;
  const contact = {
    id: contacts.nextId(),
    phone,
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
