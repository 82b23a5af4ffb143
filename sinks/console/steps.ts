import { pathToFileURL } from 'node:url';
import type { Ref } from '../../machines/results.ts';
import type { Artefacts } from '../../store/artefacts.ts';
import { isAlerting } from '../../runtime/incidents.ts';
import { rootOf, type JournalRecord } from '../../store/record.ts';
import { toldBy } from '../alerts/told.ts';
import { isTold, levelOf, type Level } from '../level.ts';
import type { Happening } from '../reading.ts';
import { ReadingSink } from './reading-sink.ts';
import { endingOf } from './ending.ts';
import { quote, shortDuration, shortFailure } from './text.ts';

export interface StepsOptions {
  readonly write: (line: string, level: Level) => void;
  readonly artefacts: Artefacts;
  /** What is less than this is not told. @default 'debug' */
  readonly level?: Level;
  /** Put before each line that belongs to a call; nothing by default. */
  readonly label?: (corr: string) => string;
}

const calling: { readonly [state: string]: string } = {
  scripting: '📝 Asking the LLM for a script...',
  speaking: '🔊 Turning the script into speech...',
  dialling: '📞 Placing the call...',
  lookingUp: '🔍 Looking up whether the call was placed...',
  recording: '💾 Writing the result to the CRM...',
};

/** Tells every step of every call as it happens. */
export class StepsSink extends ReadingSink {
  readonly name = 'console';
  readonly #options: StepsOptions;

  constructor(options: StepsOptions) {
    super();
    this.#options = options;
  }

  take(record: JournalRecord): void {
    const { label } = this.#options;
    const told = toldBy(record);
    if (told?.isResolved) this.#say(`✅ RESOLVED: ${told.title}`, 'info');
    else if (told) this.#say(`🚨 ALERT: ${told.title}`, 'error');
    if (isAlerting(rootOf(record.actor))) return;
    const prefix = record.corr !== undefined && label ? label(record.corr) : '';
    for (const line of this.#tellStep(record)) this.#say(prefix + line, 'info');
    for (const happening of this.reader.read(record)) {
      const level = levelOf(happening);
      for (const line of tell(happening, eventTime(record))) this.#say(prefix + line, level);
    }
  }

  #say(line: string, level: Level): void {
    if (isTold(level, this.#options.level ?? 'debug')) this.#options.write(line, level);
  }

  /** What a step has made, and which comes next. */
  #tellStep({ machine, from, to, context = {} }: JournalRecord): string[] {
    if (machine !== 'call' || from === to) return [];
    const lines: string[] = [];
    if (context['script'] && from === 'scripting')
      lines.push(this.#script(context['script'] as Ref));
    if (context['speech'] && from === 'speaking') lines.push(this.#audio(context['speech'] as Ref));
    if (context['placed'])
      lines.push(`✓ Call placed: ${String((context['placed'] as Ref)['sid'] as string)}`);
    if (typeof context['durationMs'] === 'number') {
      const seconds = (context['durationMs'] / 1000).toFixed(1);
      lines.push(
        `✓ Duration: ${seconds}s`,
        `✓ Outcome: ${String(context['disposition'] as string)}`,
      );
    }
    const next = calling[to];
    if (next !== undefined) lines.push(next);
    return lines;
  }

  #script(ref: Ref): string {
    const text = this.#options.artefacts.text(String(ref['artefact'] as string));
    return `✓ LLM Response: ${quote(text ?? '(no longer on disk)')}`;
  }

  #audio(ref: Ref): string {
    const file = this.#options.artefacts.path(String(ref['artefact'] as string));
    return `✓ Audio URL: ${pathToFileURL(file).href}`;
  }
}

/** Waits are counted from what the machine was told, and a line may be written a little later. */
const eventTime = ({ event, at }: JournalRecord): number =>
  typeof event['at'] === 'number' ? event['at'] : at;

/** @param at epoch ms */
function tell(happening: Happening, at: number): string[] {
  switch (happening.type) {
    case 'attempt.failed':
      return [`✗ ${happening.service}: ${shortFailure(happening.error)}`];
    case 'retry.planned': {
      const { retry, maxRetries, waitMs } = happening;
      return [`→ Retry attempt ${retry}/${maxRetries} (waiting ${shortDuration(waitMs)})...`];
    }
    case 'request.ended': {
      const { result, retries, maxRetries, operation } = happening;
      if (result.status === 'failed' && retries > 0 && retries >= maxRetries) {
        return ['❌ Max retries exceeded'];
      }
      return operation === 'record' && result.status === 'succeeded' ? ['✓ CRM updated'] : [];
    }
    case 'call.ended':
      return endingOf(happening.result);
    case 'contact.skipped':
      return [`⏭ Contact ${happening.contact} skipped`];
    case 'breaker.moved': {
      const { service, to, context } = happening;
      const isWaiting = to === 'open' && typeof context.dueAt === 'number';
      const wait = isWaiting ? ` for ${shortDuration((context.dueAt ?? at) - at)}` : '';
      return [`⚡ Circuit breaker ${service}: ${stateNames[to] ?? to}${wait}`];
    }
    case 'health.changed': {
      const { service, health, before, error } = happening;
      if (before === 'UNKNOWN' && health === 'HEALTHY') return [];
      const mark = health === 'HEALTHY' ? '💚' : '💔';
      const why = error === null ? '' : `: ${shortFailure(error)}`;
      return [`${mark} ${service} is ${health.toLowerCase()}${why}`];
    }
    case 'campaign.moved': {
      const { campaign, to, context } = happening;
      if (to === 'paused') {
        const why = context.pausedBy?.message ?? `by ${context.haltedBy ?? 'somebody'}`;
        return [`⏸ Campaign ${campaign} paused: ${why}`];
      }
      if (to !== 'holding') return [];
      return [`⏳ Waiting for ${context.heldBy ?? 'deferred contacts'}`];
    }
    case 'call.moved':
      return [];
  }
}

const stateNames: { readonly [state: string]: string } = {
  closed: 'CLOSED',
  open: 'OPEN',
  halfOpen: 'HALF-OPEN',
  isolated: 'ISOLATED',
};
