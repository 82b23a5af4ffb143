import type { CountryCode } from 'libphonenumber-js/max';
import { numbering } from './numbering.ts';

/** What people also write, and what Node's own names, "Türkiye" for one, leave out. */
const ALSO: Readonly<Record<string, CountryCode>> = {
  usa: 'US',
  unitedstatesofamerica: 'US',
  greatbritain: 'GB',
  uae: 'AE',
  turkey: 'TR',
};

/** The ISO 3166 two-letter code in capitals, or `null` when the text is none with phone numbers. */
export function readCountry(text: string): CountryCode | null {
  const code = text.trim().toUpperCase();
  return numbering().isSupportedCountry(code) ? code : null;
}

/**
 * A country cell: `null` when it is empty, `unknown` when it names no country. Besides codes it may
 * hold a name in English as Unicode's tables have it, long (`United Kingdom`) or short (`UK`).
 */
export function readCountryCell(cell: string): CountryCode | 'unknown' | null {
  const text = cell.normalize('NFKC').trim();
  if (text === '') return null;
  names ??= listNames();
  return readCountry(text) ?? names.get(bare(text)) ?? 'unknown';
}

let names: ReadonlyMap<string, CountryCode> | null = null;

function listNames(): ReadonlyMap<string, CountryCode> {
  const found = new Map<string, CountryCode>(Object.entries(ALSO));
  for (const style of ['short', 'long'] as const) {
    const namer = new Intl.DisplayNames('en', { type: 'region', style });
    for (const code of numbering().getCountries()) {
      const name = namer.of(code);
      if (name !== undefined) found.set(bare(name), code);
    }
  }
  return found;
}

/** `Côte d’Ivoire`, `cote d'ivoire` and `U.S.A.` without what people leave out or write otherwise. */
function bare(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('&', 'and')
    .replaceAll(/[^\p{L}]/gu, '');
}
