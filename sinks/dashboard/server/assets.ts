import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

export const DIST = fileURLToPath(new URL('../page/dist/', import.meta.url));

const types: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface Asset {
  readonly type: string;
  readonly cacheControl: string;
  readonly bytes: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
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
      const asset = {
        type: types[path.extname(name)] ?? '',
        cacheControl: address.startsWith('/assets/')
          ? 'public, max-age=31536000, immutable'
          : 'no-cache',
        bytes,
        gzip: gzipSync(bytes, { level: 9 }),
        brotli: brotliCompressSync(bytes),
      };
      return [address === '/index.html' ? '/' : address, asset];
    }),
  );
}
