import fs from 'node:fs';
import path from 'node:path';
import type { Finding } from './check-voice.ts';

/** Whether new files can be made in a folder, or the folder itself; nothing is written. */
export function checkFolder(what: string, dir: string): Finding {
  let there = path.resolve(dir);
  while (!fs.existsSync(there)) there = path.dirname(there);
  if (!fs.statSync(there).isDirectory()) {
    const message = `${there} is a file where a folder should be: move it away, or set another place`;
    return { what, state: 'failed', message };
  }
  try {
    fs.accessSync(there, fs.constants.W_OK | fs.constants.X_OK);
    return { what, state: 'ok', message: `${dir} can be written` };
  } catch {
    return { what, state: 'failed', message: `${there} can't be written` };
  }
}

/** The same of a file that is made, or goes on. */
export function checkFile(what: string, file: string): Finding {
  if (!fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    return checkFolder(what, path.dirname(file));
  }
  const message = `${file} is a folder where a file should be: set another place`;
  return { what, state: 'failed', message };
}
