import { PermanentError } from '../../errors.ts';
import type { Ago } from '../../runtime/wall-time.ts';
import {
  ask,
  fieldsOf,
  invalidResponse,
  jsonOf,
  textOf,
  type HttpAnswer,
  type Wire,
} from './http.ts';

export interface TelephonyOptions extends Wire {
  readonly baseUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** E.164. */
  readonly from: string;
}

export interface Dial {
  /** E.164. */
  readonly to: string;
  readonly words: string;
  /** Where Twilio finds these words spoken; null: it speaks them itself. */
  readonly audioUrl: string | null;
  /** Where Twilio is to tell how the call goes on; null: it is asked. */
  readonly statusUrl: string | null;
}

/** How far a placed call has come. */
export interface CallProgress {
  readonly status: string;
  readonly hasEnded: boolean;
  /** answered, voicemail, busy, no_answer, failed or canceled; null while it goes on. */
  readonly disposition: string | null;
  readonly durationMs: number;
}

const service = 'Telephony';
const provider = 'twilio';
/** Twilio stamps whole seconds, and its clock is not ours. */
const CLOCK_TOLERANCE_MS = 5_000;
/** A computer's clock that is wrong by more is noticed by others first. */
const LONGEST_DOUBT_MS = 24 * 3_600_000;

/** A call of which nobody knows whether it was placed. */
export interface Sought {
  /** E.164. */
  readonly to: string;
  /**
   * How long ago it was to be placed, by our own clock: the provider's may tell another time. Asked
   * for when its answer is there, because that is dated then, however long it took.
   */
  readonly ago: () => Ago;
  /** Whether an id is that of another call. */
  readonly isKnown: (sid: string) => boolean;
}

const inDoubt = (): PermanentError =>
  new PermanentError('a call of the last day to this number may be this one', {
    service,
    kind: 'Unknown',
    scope: 'contact',
  });

/** Twilio's final call statuses (Voice API, "Call resource") as what the person at the other end did. */
const dispositions: { readonly [status: string]: string } = {
  completed: 'answered',
  busy: 'busy',
  'no-answer': 'no_answer',
  failed: 'failed',
  canceled: 'canceled',
};

/** What no XML document may hold, not even escaped (XML 1.0, section 2.2), half a character included. */
const notXml = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const escapeXml = (text: string): string =>
  text.replace(notXml, '').replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** What Twilio does when the call is answered (TwiML: `<Play>`, `<Say>`). */
function twimlOf({ words, audioUrl }: Dial): string {
  const verb =
    audioUrl === null ? `<Say>${escapeXml(words)}</Say>` : `<Play>${escapeXml(audioUrl)}</Play>`;
  return `<Response>${verb}</Response>`;
}

/** Every event of a call but `initiated`, which the answer to the dial has told already. */
const statusEvents = ['ringing', 'answered', 'completed'];

function formOf(dial: Dial, from: string): URLSearchParams {
  const form = new URLSearchParams({ To: dial.to, From: from, Twiml: twimlOf(dial) });
  if (dial.statusUrl === null) return form;
  form.set('StatusCallback', dial.statusUrl);
  form.set('StatusCallbackMethod', 'POST');
  for (const event of statusEvents) form.append('StatusCallbackEvent', event);
  return form;
}

/** Twilio's voice calls. */
export class TelephonyClient {
  readonly #options: TelephonyOptions;

  constructor(options: TelephonyOptions) {
    this.#options = options;
  }

  /** Places a call. @returns the provider's id of it */
  async dial(dial: Dial, signal: AbortSignal): Promise<string> {
    const answer = await ask(this.#options, {
      service,
      provider,
      method: 'POST',
      url: this.#url('/Calls.json'),
      headers: this.#headers(),
      body: formOf(dial, this.#options.from),
      signal,
    });
    const sid = textOf(fieldsOf(jsonOf(answer))['sid']);
    if (sid === null) throw invalidResponse(service, 'no call id');
    return sid;
  }

  /**
   * Finds the call that was placed from our number to another. A queued call has no start time yet, so the list is
   * searched by the time of creation; a call that says no such time may be ours, and is taken for it
   * rather than dialled again.
   * @throws PermanentError when a call of the last day may be it, and nobody can tell
   */
  async findCall(
    { to, ago: agoNow, isKnown }: Sought,
    signal: AbortSignal,
  ): Promise<string | null> {
    const url = this.#url(
      `/Calls.json?${new URLSearchParams({ To: to, PageSize: '50' }).toString()}`,
    );
    const answer = await this.#get(url, signal);
    const { from } = this.#options;
    const { calls } = fieldsOf(jsonOf(answer));
    if (!Array.isArray(calls)) throw invalidResponse(service, 'no list of calls');
    const ago = agoNow();
    const theirNow = Date.parse(answer.headers.get('date') ?? '');
    const now = Number.isNaN(theirNow) ? (this.#options.now ?? Date.now)() : theirNow;
    const candidates = calls
      .map(fieldsOf)
      .filter((call) => call['to'] === to && !isKnown(textOf(call['sid']) ?? ''))
      .map((call) => ({
        sid: textOf(call['sid']),
        isFromUs: (textOf(call['from']) ?? from) === from,
        agoMs: now - Date.parse(textOf(call['date_created']) ?? ''),
      }));
    const since = candidates.filter(({ agoMs }) => !(agoMs > ago.ms + CLOCK_TOLERANCE_MS));
    const ours = since.find(({ isFromUs }) => isFromUs);
    if (ours) return ours.sid;
    // Without the provider's time, how old its calls are is a guess by our clock.
    const isSure = ago.isSure && !Number.isNaN(theirNow);
    const earlier = candidates.filter(({ isFromUs }) => isFromUs && !isSure);
    // One from another number is another agent's, or ours from before that setting was changed.
    if (since.length > 0 || earlier.some(({ agoMs }) => agoMs <= LONGEST_DOUBT_MS)) throw inDoubt();
    return null;
  }

  async progress(sid: string, signal: AbortSignal): Promise<CallProgress> {
    const url = this.#url(`/Calls/${encodeURIComponent(sid)}.json`);
    const call = fieldsOf(jsonOf(await this.#get(url, signal)));
    const status = textOf(call['status']);
    if (status === null) throw invalidResponse(service, 'no call status');
    const byMachine = textOf(call['answered_by'])?.startsWith('machine') === true;
    const disposition = dispositions[status] ?? null;
    return {
      status,
      hasEnded: disposition !== null,
      disposition: disposition === 'answered' && byMachine ? 'voicemail' : disposition,
      durationMs: Math.round(Number(call['duration'] ?? 0) * 1000),
    };
  }

  /**
   * Sees an account that is closed, or suspended because its money is used up, before a dial meets
   * it. Its balance says less: who pays by invoice is in the red and may call, and a subaccount
   * has none.
   */
  async check(signal: AbortSignal): Promise<void> {
    const account = fieldsOf(jsonOf(await this.#get(this.#url('.json'), signal)));
    const { status } = account;
    if (status === 'suspended' || status === 'closed') {
      const kind = status === 'suspended' ? 'Quota' : 'Authentication';
      throw new PermanentError(`${service}: the account is ${status}`, {
        service,
        kind,
        scope: 'account',
        code: status,
      });
    }
  }

  #get(url: string, signal: AbortSignal): Promise<HttpAnswer> {
    const headers = this.#headers();
    return ask(this.#options, { service, provider, method: 'GET', url, headers, signal });
  }

  #url(path: string): string {
    const { baseUrl, accountSid } = this.#options;
    return `${baseUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}${path}`;
  }

  #headers(): Record<string, string> {
    const { accountSid, authToken } = this.#options;
    const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
    return { authorization: `Basic ${credentials}`, accept: 'application/json' };
  }
}
