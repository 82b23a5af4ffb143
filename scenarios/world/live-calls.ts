import type { Clock, TimerHandle } from '../../runtime/clock.ts';
import {
  CALL_EVENTS,
  CallbackPlan,
  type CallbackRule,
  type CallEventName,
} from './callback-plan.ts';
import type { PlacedCall, Switchboard } from './switchboard.ts';
import { parseTwiml, type Verb } from './twiml.ts';
import { type FetchedAudio, Webhooks } from './webhooks.ts';

/** One status callback as it was sent. */
export interface SentCallback {
  readonly sid: string;
  readonly event: CallEventName;
  readonly status: string;
  /** Rises with each event of a call, from 0; a repeated one has the number that it had. */
  readonly sequence: number;
  /** When it was sent, in epoch milliseconds of the world's clock. */
  readonly at: number;
  /** The HTTP status of the answer; null while there is none. */
  answered: number | null;
}

/** What the request that places a call asks for besides. */
export interface Wishes {
  readonly account: string;
  readonly authToken: string;
  readonly twiml: string | null;
  /** Where to fetch the instructions, when they did not come along. */
  readonly url: string | null;
  readonly statusCallback: string | null;
  readonly events: readonly CallEventName[];
}

/** Null when an event is asked for that there is not. */
export function wishesOf(form: URLSearchParams, account: string, authToken: string): Wishes | null {
  const asked = form.getAll('StatusCallbackEvent').flatMap((value) => value.split(/[\s,]+/));
  const known: readonly string[] = CALL_EVENTS;
  if (!asked.every((event) => known.includes(event))) return null;
  return {
    account,
    authToken,
    twiml: form.get('Twiml'),
    url: form.get('Url'),
    statusCallback: form.get('StatusCallback'),
    events: asked.length > 0 ? (asked as CallEventName[]) : ['completed'],
  };
}

/** Calls that do something by themselves: they tell of their progress, and play audio. */
export class LiveCalls {
  readonly callbacks: SentCallback[] = [];
  readonly played: FetchedAudio[] = [];
  /** The faults of callbacks. */
  readonly plan = new CallbackPlan();
  readonly #clock: Clock;
  readonly #switchboard: Switchboard;
  readonly #webhooks = new Webhooks();
  readonly #timers = new Set<TimerHandle>();

  /** @throws RangeError when a rule is out of range */
  constructor(clock: Clock, switchboard: Switchboard, faults: readonly CallbackRule[]) {
    this.#clock = clock;
    this.#switchboard = switchboard;
    this.plan.replace(faults);
  }

  /** Nothing is planned for a call that asks for nothing: it costs the clock nothing. */
  begin(call: PlacedCall, wishes: Wishes): void {
    const moments = this.#switchboard.moments(call);
    let sequence = 0;
    for (const { event, status, at } of moments) {
      if (event === 'answered' && doesAnything(wishes)) {
        this.#at(at, () => void this.#carryOut(call, wishes));
      }
      if (wishes.statusCallback === null || !wishes.events.includes(event)) continue;
      const told = { sid: call.sid, event, status, sequence: sequence++ };
      this.#at(at, () => this.#tell(call, wishes, told));
    }
  }

  close(): void {
    for (const handle of this.#timers) this.#clock.clearTimeout(handle);
    this.#timers.clear();
    this.#webhooks.close();
  }

  #at(at: number, callback: () => void): void {
    const handle = this.#clock.setTimeout(() => {
      this.#timers.delete(handle);
      callback();
    }, at - this.#clock.now());
    this.#timers.add(handle);
  }

  /** Draws the callback's fate when it is due. */
  #tell(call: PlacedCall, wishes: Wishes, told: Omit<SentCallback, 'at' | 'answered'>): void {
    const fault = this.plan.draw(told.event);
    if (fault && 'lost' in fault) return;
    const token = fault && 'forged' in fault ? `not-${wishes.authToken}` : wishes.authToken;
    const send = (): void => void this.#send(call, { ...wishes, authToken: token }, told);
    if (fault && 'lateMs' in fault) return this.#at(this.#clock.now() + fault.lateMs, send);
    const times = fault && 'repeated' in fault ? fault.repeated : 1;
    for (let time = 0; time < times; time++) send();
  }

  async #send(
    call: PlacedCall,
    wishes: Wishes,
    told: Omit<SentCallback, 'at' | 'answered'>,
  ): Promise<void> {
    const sent: SentCallback = { ...told, at: this.#clock.now(), answered: null };
    this.callbacks.push(sent);
    const form = new URLSearchParams({
      ...this.#about(call, wishes, told.status),
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(told.sequence),
      Timestamp: new Date(sent.at).toUTCString().replace('GMT', '+0000'),
    });
    const { durationS } = this.#switchboard.progress(call);
    if (told.event === 'completed') form.set('CallDuration', String(durationS ?? 0));
    const url = wishes.statusCallback ?? '';
    const response = await this.#webhooks.post(url, form, wishes.authToken);
    sent.answered = response?.status ?? null;
  }

  /** What the call's instructions say, once somebody listens. */
  async #carryOut(call: PlacedCall, wishes: Wishes): Promise<void> {
    const twiml = wishes.twiml ?? (await this.#fetchTwiml(call, wishes));
    for (const verb of verbsIn(twiml)) {
      if ('play' in verb) this.played.push(await this.#webhooks.fetchAudio(call.sid, verb.play));
    }
  }

  async #fetchTwiml(call: PlacedCall, wishes: Wishes): Promise<string | null> {
    const form = new URLSearchParams(this.#about(call, wishes, 'in-progress'));
    const response = await this.#webhooks.post(wishes.url ?? '', form, wishes.authToken);
    return response?.ok === true ? response.text() : null;
  }

  #about(call: PlacedCall, { account }: Wishes, status: string): Record<string, string> {
    return {
      AccountSid: account,
      ApiVersion: '2010-04-01',
      CallSid: call.sid,
      CallStatus: status,
      Called: call.to,
      Caller: call.from,
      Direction: 'outbound-api',
      From: call.from,
      To: call.to,
    };
  }
}

/** What can't be read is not carried out: the real one says so to whoever listens. */
function verbsIn(twiml: string | null): Verb[] {
  try {
    return twiml === null ? [] : parseTwiml(twiml);
  } catch {
    return [];
  }
}

const doesAnything = ({ twiml, url }: Wishes): boolean =>
  twiml === null ? url !== null : twiml.includes('<Play>');
