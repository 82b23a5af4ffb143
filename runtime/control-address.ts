import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../errors.ts';

/** `sun_path` holds 108 bytes on Linux, 104 on macOS, the final zero included. */
const LONGEST_SOCKET_PATH = 100;

/** The user's own, where a data folder's path is too long for a socket in it. */
const ownFolder = (): string =>
  path.join(os.tmpdir(), `call-agent-${process.getuid?.() ?? os.userInfo().username}`);

/** Where the agent of a data folder listens: both sides work it out from the folder alone. */
export function controlAddress(dataDir: string): string {
  const folder = path.resolve(dataDir);
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\call-agent-${name}`;
  const file = path.join(folder, 'control.sock');
  return Buffer.byteLength(file) <= LONGEST_SOCKET_PATH
    ? file
    : path.join(ownFolder(), `${name}.sock`);
}

/**
 * Looks whether nobody else can listen, or listen in, at an address: names in a temporary folder
 * are anybody's to take. A data folder is its owner's affair.
 * @throws UserError when somebody else can
 */
export function checkAddress(address: string): void {
  const folder = ownFolder();
  if (path.dirname(address) !== folder) return;
  const found = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (!found) return;
  const isOurs = found.isDirectory() && found.uid === process.getuid?.();
  if (isOurs && (found.mode & 0o077) === 0) return;
  throw new UserError(
    `${folder} has to be a folder of your own that nobody else may enter (mode 0700): ` +
      'remove it, or use a data folder with a shorter path.',
  );
}

/** As {@link checkAddress}, and makes the folder where it is not there. */
export function prepareAddress(address: string): void {
  if (path.dirname(address) === ownFolder()) {
    try {
      fs.mkdirSync(ownFolder(), 0o700);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  checkAddress(address);
}
