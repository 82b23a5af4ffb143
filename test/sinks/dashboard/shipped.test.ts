import fs from 'node:fs';
import { expect, test, vi } from 'vitest';
import { build } from 'vite';

vi.setConfig({ testTimeout: 60_000 });

const PAGE = new URL('../../../sinks/dashboard/page/', import.meta.url).pathname;

test('the page that is shipped is the one that its source makes: otherwise run "npm run build:page"', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  const made = await build({ root: PAGE, logLevel: 'silent', build: { write: false } });
  if (!('output' in made)) throw new Error('no output');
  for (const file of made.output) {
    const shipped = fs.readFileSync(`${PAGE}dist/${file.fileName}`, 'utf8');
    const text = file.type === 'chunk' ? file.code : String(file.source);
    expect(shipped === text, file.fileName).toBe(true);
  }
});
