import { fileURLToPath } from 'node:url';

/** Where a machine's drawing is shipped. `npm run draw` makes it anew. */
export const drawingFile = (machine: string): string =>
  fileURLToPath(new URL(`drawings/${machine}.svg`, import.meta.url));
