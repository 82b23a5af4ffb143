import fs from 'node:fs';
import { parseEnv } from 'node:util';
import { UserError } from '../errors.ts';

const FILE = '.env';

export interface Environment {
  /** Variables of the process; those of `.env` fill the gaps. */
  readonly values: { readonly [name: string]: string | undefined };
  /** Names whose value comes from `.env`. */
  readonly fromFile: ReadonlySet<string>;
}

/** @throws UserError when there is an `.env` that can't be read */
export function readEnvironment(): Environment {
  if (!fs.existsSync(FILE)) return { values: process.env, fromFile: new Set() };
  let text: string;
  try {
    text = fs.readFileSync(FILE, 'utf8');
  } catch (error) {
    throw new UserError(`${FILE} can't be read: ${(error as Error).message}`);
  }
  // Some editors begin a file with a byte order mark, which would become a part of the first name.
  const file = parseEnv(text.replace(/^\uFEFF/, ''));
  // An empty variable counts as not set, so it hides nothing.
  const fromFile = new Set(
    Object.keys(file).filter((name) => (process.env[name] ?? '').trim() === ''),
  );
  const own = Object.entries(process.env).filter(([name]) => !fromFile.has(name));
  return { values: { ...file, ...Object.fromEntries(own) }, fromFile };
}
