import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export const DIST = fileURLToPath(new URL('../page/dist/', import.meta.url));

const types: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The best one takes most of a second for a page that is a twentieth smaller. */
const BROTLI_QUALITY = 6;

export type Encoding = 'br' | 'gzip' | null;

/** One file of the page. */
export class Asset {
  readonly type: string;
  readonly cacheControl: string;
  readonly #bytes: Buffer;
  readonly #made = new Map<Encoding, Buffer>();

  constructor(type: string, cacheControl: string, bytes: Buffer) {
    this.type = type;
    this.cacheControl = cacheControl;
    this.#bytes = bytes;
  }

  /** Compressed when somebody first asks for it, so that nobody waits for what nobody wants. */
  body(encoding: Encoding): Buffer {
    const known = this.#made.get(encoding);
    if (known) return known;
    const made = encode(this.#bytes, encoding);
    this.#made.set(encoding, made);
    return made;
  }
}

function encode(bytes: Buffer, encoding: Encoding): Buffer {
  if (encoding === 'gzip') return gzipSync(bytes, { level: 9 });
  if (encoding === null) return bytes;
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
  });
}

/**
 * The built page, by address. Only what is in this map is ever served, so no address can lead
 * anywhere else. Names in `assets/` hold a hash of their content, so they may be kept for ever.
 */
export function readAssets(dir = DIST): ReadonlyMap<string, Asset> {
  const names = fs
    .readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => path.extname(name) in types);
  return new Map(
    names.map((name) => {
      const bytes = fs.readFileSync(path.join(dir, name));
      const address = `/${name.split(path.sep).join('/')}`;
      const cacheControl = address.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'no-cache';
      const asset = new Asset(types[path.extname(name)] ?? '', cacheControl, bytes);
      return [address === '/index.html' ? '/' : address, asset];
    }),
  );
}
