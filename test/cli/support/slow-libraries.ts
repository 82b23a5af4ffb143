import fs from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Preloaded into a program under test: says which vendor's client it loads, and makes that take
 * as long as `LOADING_TAKES_MS` says, as on a slow disk.
 */
const library = /\/node_modules\/(openai|@anthropic-ai\/sdk)\/index\.m?js$/;
const delayMs = Number(process.env['LOADING_TAKES_MS'] ?? 0);

registerHooks({
  load(url, context, nextLoad) {
    const [, name] = library.exec(url) ?? [];
    if (name !== undefined) {
      fs.writeSync(2, `loads ${name}\n`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
    }
    return nextLoad(url, context);
  },
});
