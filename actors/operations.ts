import { PermanentError } from '../errors.ts';
import type { AttemptInput } from '../machines/request-protocol.ts';
import type { Ref } from '../machines/results.ts';
import type { Operation } from '../runtime/attempt.ts';
import { sinceThen, wallOf, type Ago, type Times } from '../runtime/wall-time.ts';
import type { Artefacts } from '../store/artefacts.ts';
import type { ContactDetails, ContactTable } from '../store/contacts.ts';
import type { PlacedCalls } from '../store/placed-calls.ts';
import type { PublicAddresses } from './public/addresses.ts';
import { recordKey } from './record-key.ts';
import type { Services } from './services.ts';

export interface OperationsOptions {
  readonly contacts: ContactTable;
  readonly artefacts: Artefacts;
  readonly services: Services;
  /** Where telephony reaches the agent; null when it can't. */
  readonly addresses: PublicAddresses | null;
  /** Calls that are known already. */
  readonly placed: Pick<PlacedCalls, 'has'>;
  readonly times: () => Times;
}

type Step = (options: OperationsOptions, input: AttemptInput, signal: AbortSignal) => Promise<Ref>;

const gone = (service: string, what: string): PermanentError =>
  new PermanentError(`${what} is no longer on disk`, {
    service,
    kind: 'InvalidPayload',
    scope: 'contact',
  });

function contactOf({ contacts }: OperationsOptions, input: AttemptInput): ContactDetails {
  const contact = contacts.get(String(input.payload['contact'] as string));
  if (!contact || contact.phone === '') throw gone(input.service, 'the contact');
  return contact;
}

/** Empty also for a person who was erased: what came of the call is recorded all the same. */
const nameOf = ({ contacts }: OperationsOptions, { payload }: AttemptInput): string =>
  contacts.get(String(payload['contact'] as string))?.name ?? '';

const refIn = (input: AttemptInput, key: string): Ref => (input.payload[key] ?? {}) as Ref;

function scriptOf({ artefacts }: OperationsOptions, input: AttemptInput): string {
  const text = artefacts.text(String(refIn(input, 'script')['artefact'] as string));
  if (text === null) throw gone(input.service, 'the script');
  return text;
}

const script: Step = async (options, input, signal) => {
  const { name, variables, named } = contactOf(options, input);
  const prompt = { name, variables, ...(named && { named }) };
  const text = await options.services.llm.writeScript(prompt, signal);
  return { artefact: options.artefacts.put(text, 'txt'), characters: text.length };
};

const speech: Step = async (options, input, signal) => {
  const audio = await options.services.speech.speak(scriptOf(options, input), signal);
  return { artefact: options.artefacts.put(audio, 'mp3'), bytes: audio.length };
};

/** Where telephony finds the audio, if it plays it: an address that leads nowhere would be a mute call. */
function audioUrlOf(
  { addresses, artefacts }: OperationsOptions,
  input: AttemptInput,
): string | null {
  if (addresses?.playsAudio !== true) return null;
  const name = String(refIn(input, 'speech')['artefact'] as string);
  if (!artefacts.has(name)) throw gone(input.service, 'the audio');
  return addresses.audioUrl(name);
}

const dial: Step = async (options, input, signal) => {
  const { phone: to } = contactOf(options, input);
  const words = scriptOf(options, input);
  const [root = '', number] = String(input.payload['key'] as string).split('#');
  const statusUrl = options.addresses?.statusUrl({ root, dial: Number(number) }) ?? null;
  const audioUrl = audioUrlOf(options, input);
  const sid = await options.services.telephony.dial({ to, words, audioUrl, statusUrl }, signal);
  return { sid };
};

const lookup: Step = async (options, input, signal) => {
  const { phone } = contactOf(options, input);
  const ago = (): Ago => sinceThen(Number(input.payload['since']), options.times());
  const isKnown = (sid: string): boolean => options.placed.has(sid);
  const sid = await options.services.telephony.findCall({ to: phone, ago, isKnown }, signal);
  return sid === null ? { found: false } : { found: true, sid };
};

const follow: Step = async (options, input, signal) => {
  const sid = String(refIn(input, 'placed')['sid'] as string);
  const progress = await options.services.telephony.progress(sid, signal);
  const { status, hasEnded, disposition, durationMs } = progress;
  return { status, ended: hasEnded, disposition, durationMs };
};

const record: Step = async (options, input, signal) => {
  const { payload } = input;
  const at = Number(payload['at']);
  const id = await options.services.crm.record(
    {
      key: recordKey(String(payload['key'] as string), payload['placed'] as Ref | null),
      title: `Call to ${nameOf(options, input) || 'a contact'}`,
      disposition: String(payload['disposition'] as string),
      durationMs: Number(payload['durationMs']),
      at: wallOf(at, options.times().lives) ?? at,
    },
    signal,
  );
  return { id };
};

const steps: { readonly [operation: string]: Step } = {
  script,
  speech,
  dial,
  lookup,
  follow,
  record,
};

/** Carries out what a call's machine asks for, through the services' clients. */
export function makeOperations(
  options: OperationsOptions,
): (operation: string) => Operation | undefined {
  return (name) => {
    const step = steps[name];
    return step && ((input, signal) => step(options, input, signal));
  };
}
