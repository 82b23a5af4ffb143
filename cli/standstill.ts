import { monitorEventLoopDelay } from 'node:perf_hooks';
import { shortDuration } from '../sinks/console/text.ts';

const RESOLUTION_MS = 5;
/** Of a story's time: less than its shortest time limit changes no end. */
const WORTH_TELLING_MS = 5_000;

/**
 * Why a story may have ended otherwise than it promises: the clock has run on while the program
 * could not.
 * @param longestMs how long the process stood still at a stretch
 * @returns null where that is no reason
 */
export function standstillSentence(longestMs: number, speed: number): string | null {
  const lostMs = longestMs * speed;
  if (lostMs < WORTH_TELLING_MS) return null;
  return `This computer was busy: the program stood still for ${Math.round(longestMs)} ms, which is ${shortDuration(lostMs)} at --speed ${speed}. Try a lower --speed.`;
}

/** Watches from now on how long the process does not get to run. */
export class Standstill {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#delay.enable();
  }

  sentence(speed: number): string | null {
    this.#delay.disable();
    return standstillSentence(this.#delay.max / 1e6, speed);
  }
}
