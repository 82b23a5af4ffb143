import type { LifeStart } from '../machines/agent.ts';
import type { Clock } from './clock.ts';

/**
 * The moment that the computer's clock told when the program's own told `at`.
 * @param lives oldest first
 * @returns epoch ms; null for a life that is not remembered
 */
export function wallOf(at: number, lives: readonly LifeStart[]): number | null {
  const life = lives.findLast((one) => one.at <= at);
  return life ? Math.round(life.wall + (at - life.at) / life.speed) : null;
}

/** How long ago something was. */
export interface Ago {
  readonly ms: number;
  /** No more has passed. Else nobody knows for sure: a computer's clock can be set. */
  readonly isSure: boolean;
}

export interface Times {
  readonly clock: Clock;
  /** When this life began, on its own clock. */
  readonly startedAt: number;
  /** Oldest first. */
  readonly lives: readonly LifeStart[];
}

/**
 * The time since a moment on the program's clock. Within one life that clock says it. Before, it
 * says too little where it stood still while nobody worked: it never goes back, not even to a
 * computer's clock that `--speed` has left behind.
 */
export function sinceThen(at: number, { clock, startedAt, lives }: Times): Ago {
  const own = clock.now() - at;
  if (at > startedAt) return { ms: own, isSure: true };
  const wall = wallOf(at, lives);
  return { ms: Math.max(own, wall === null ? 0 : clock.wall() - wall), isSure: false };
}
