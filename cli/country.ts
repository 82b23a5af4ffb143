import { readCountry } from '../actors/contacts/country.ts';
import type { Flags } from './command.ts';
import { UsageError } from './exit.ts';

/** @throws UsageError when `--default-country` is no country with phone numbers */
export function countryFlag({ 'default-country': value }: Flags): string | undefined {
  if (value === undefined || readCountry(value) !== null) return value;
  throw new UsageError(
    `--default-country must be a two-letter code (ISO 3166) such as US, got "${value}"`,
  );
}
