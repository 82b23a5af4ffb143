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
/** Tells that the channel is this file's own, and not somebody else's. */
const LAUNCHED = 'CALL_AGENT_LAUNCHED';

function hand(node) {
  const self = fileURLToPath(import.meta.url);
  // The channel tells the child when this process is gone: a kill -9 of the one is one of both.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const env = { ...process.env, [LAUNCHED]: '1' };
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio, env });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  // A terminal's Ctrl-C reaches the child by itself; a second one would end it at once.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 1);
  });
}

if (Number.parseInt(process.versions.node, 10) >= OLDEST) {
  if (process.env[LAUNCHED] && process.channel) {
    process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
    process.channel.unref();
  }
  delete process.env[LAUNCHED];
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
