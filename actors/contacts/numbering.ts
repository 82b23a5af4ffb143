import { createRequire } from 'node:module';
import type * as full from 'libphonenumber-js/max';

type Library = typeof full;

const load = createRequire(import.meta.url);
let library: Library | null = null;

/**
 * libphonenumber with the full tables of all countries. Loaded on first use: an agent that goes on
 * with a list after a crash has read its numbers before, and is not to wait for them.
 */
export function numbering(): Library {
  library ??= load('libphonenumber-js/max') as Library;
  return library;
}
