import { UserError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { numbering } from './contacts/numbering.ts';

/** Hours of a contact's own day in which it may be called: from, included, to, excluded. */
export interface CallingWindow {
  readonly fromHour: number;
  readonly toHour: number;
}

/** A contact as far as its clock is concerned. */
export interface Located {
  /** E.164. */
  readonly phone: string;
  /** IANA name, when the list says it. */
  readonly timezone: string | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * @param text `8-21` or `off`
 * @returns null when calls may be placed at any hour
 * @throws UserError when it is neither
 */
export function parseWindow(text: string): CallingWindow | null {
  if (text === 'off') return null;
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
  const window = { fromHour: Number(from), toHour: Number(to) };
  if (from !== undefined && window.fromHour < window.toHour && window.toHour <= 24) return window;
  throw new UserError(`CALL_WINDOW must be off or two hours such as 8-21, got "${text}".`);
}

/** Every zone that the contact may be in: the one it says, else all of its number's country. */
function zonesOf({ phone, timezone }: Located): readonly string[] {
  if (timezone !== null) return [timezone];
  const country = numbering().parsePhoneNumberFromString(phone)?.country;
  if (country === undefined) return ['UTC'];
  // ECMA-402 has it, TypeScript's library not yet.
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & { getTimeZones(): string[] };
  return locale.getTimeZones();
}

/** Making one takes longer than using it a thousand times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  return format;
}

/** How far a zone's clock is ahead of UTC at a moment. */
function offsetMs(zone: string, at: number): number {
  const name =
    formatOf(zone)
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  const ms = Number(hours ?? 0) * HOUR_MS + Number(minutes ?? 0) * MINUTE_MS;
  return sign === '-' ? -ms : ms;
}

const isOpen = ({ fromHour, toHour }: CallingWindow, offset: number, at: number): boolean => {
  const hour = ((at + offset) % DAY_MS) / HOUR_MS;
  return hour >= fromHour && hour < toHour;
};

/**
 * When a contact may be called: null for now, else the earliest moment that is inside the window
 * in every zone that it may be in. (47 CFR 64.1200(c)(1) goes by the called party's location.)
 */
export function opensAt(window: CallingWindow, contact: Located, at: number): number | null {
  const offsets = [...new Set(zonesOf(contact).map((zone) => offsetMs(zone, at)))];
  const isOpenAt = (moment: number): boolean =>
    offsets.every((offset) => isOpen(window, offset, moment));
  if (isOpenAt(at)) return null;
  const openings = offsets
    .map((offset) => {
      const midnight = at - ((at + offset) % DAY_MS);
      const today = midnight + window.fromHour * HOUR_MS;
      return today > at ? today : today + DAY_MS;
    })
    .toSorted((a, b) => a - b);
  // Where the zones have no hour in common, the last to open decides.
  return openings.find(isOpenAt) ?? openings.at(-1) ?? null;
}

/** Whether a contact may be called at a moment, for going through a long list: each zone is asked once. */
export function openNow(text: string, at: number): (contact: Located) => boolean {
  const window = parseWindow(text);
  if (!window) return () => true;
  const byZone = new Map<string, boolean>();
  const isOpenIn = (zone: string): boolean => {
    const known = byZone.get(zone) ?? isOpen(window, offsetMs(zone, at), at);
    byZone.set(zone, known);
    return known;
  };
  return (contact) => zonesOf(contact).every(isOpenIn);
}

/**
 * The same on the program's own clock, for what waits by that. The hours are those of the computer's
 * clock, whatever `--speed` has made of the other one.
 */
export function opensOn(clock: Clock, window: CallingWindow, contact: Located): number | null {
  const wall = clock.wall();
  const opens = opensAt(window, contact, wall);
  return opens === null ? null : clock.now() + (opens - wall) * clock.speed;
}
