import { createPrivateKey, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import { z } from 'zod';
import { UserError } from '../../errors.ts';

/** What of a service account's key file is needed. */
export interface Credentials {
  readonly email: string;
  readonly key: KeyObject;
  readonly keyId: string | null;
  /** Where access tokens are given out. */
  readonly tokenUri: string;
}

const schema = z.object({
  client_email: z.string().min(3),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }).default('https://oauth2.googleapis.com/token'),
});

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');

/** @throws UserError saying what is wrong with the file; never what stands in it */
export function readCredentials(file: string): Credentials {
  const wrong = (what: string): UserError =>
    new UserError(
      `GOOGLE_SHEETS_CREDS names ${file}, ${what}: make a JSON key of a service account in the Google Cloud console.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(error instanceof SyntaxError ? 'which is not JSON' : "which can't be read");
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => String(path[0] ?? 'the whole'));
    throw wrong(`in which ${names.join(', ')} is missing or wrong`);
  }
  const { client_email: email, private_key: pem, private_key_id: keyId, token_uri } = parsed.data;
  const uri = new URL(token_uri);
  if (uri.protocol === 'http:' && !isLoopback(uri)) throw wrong('whose token_uri is not https');
  try {
    return { email, key: createPrivateKey(pem), keyId: keyId ?? null, tokenUri: token_uri };
  } catch {
    throw wrong('whose private_key is no PEM key');
  }
}
