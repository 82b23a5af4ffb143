import os from 'node:os';
import path from 'node:path';

/** Every process would strip the types of every file anew: this halves the time it takes to start. */
const NODE_COMPILE_CACHE = path.join(os.tmpdir(), 'call-agent-test-compile-cache');

/** The environment of a program under test: none of the variables that it would read. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env;
  return { PATH, HOME, TMPDIR, SystemRoot, NODE_COMPILE_CACHE };
}

/**
 * At a speed of 100 a request's 30 seconds are 300 ms, which a busy machine can't promise; where
 * a test is not about that timeout, it is given a minute of real time.
 */
export function patience(speed: number): NodeJS.ProcessEnv {
  return {
    REQUEST_TIMEOUT: String(60 * speed),
    REQUEST_DEADLINE: '86400',
    HEALTH_CHECK_TIMEOUT: String(60 * speed),
  };
}
