#!/usr/bin/env node
// Plain JavaScript for any Node: finds the Node 24 that `npm ci` brings where this one is older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const OLDEST = 24;
/** Not the shared folder that Node would take: what lies there is run. */
const COMPILED = new URL('../node_modules/.cache/call-agent', import.meta.url);

function hand(node) {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  // A terminal's Ctrl-C reaches the child by itself; a second one would end it at once.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 1);
  });
}

if (Number.parseInt(process.versions.node, 10) >= OLDEST) {
  // Starts in about half the time; where it can't be written, nothing is lost.
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE ?? fileURLToPath(COMPILED));
  await import('./main.ts');
} else {
  const name = process.platform === 'win32' ? 'node.cmd' : 'node';
  const node = fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));
  if (existsSync(node)) hand(node);
  else {
    console.error(`call-agent needs Node ${OLDEST} or newer, this is ${process.versions.node}.`);
    process.exitCode = 1;
  }
}
