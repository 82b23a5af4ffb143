/** One person of a contact list, checked and ready to be called. */
export interface Contact {
  /** Where the row starts in the file; the first line is 1. */
  readonly line: number;
  /** Empty when the list gives no name. */
  readonly name: string;
  /** In E.164, and valid in its country's numbering plan. */
  readonly phone: string;
  /** The cells of every column that has no meaning of its own, by the header's spelling. */
  readonly variables: Readonly<Record<string, string>>;
  /** Cells that have a meaning of their own and that a prompt may name, in the same way. */
  readonly named: Readonly<Record<string, string>>;
  readonly externalId: string | null;
  /** An IANA zone or a UTC offset that this Node knows; anything else is taken as absent. */
  readonly timezone: string | null;
  /** Something stands in the cell, and it is no time zone that this Node knows. */
  readonly hasUnknownTimezone: boolean;
  /** ISO 3166 two-letter code in capitals; absent too where a number with `+` needs none. */
  readonly country: string | null;
  readonly language: string | null;
  /** `null` when the cell is empty. */
  readonly consent: Consent;
  readonly doNotCall: boolean;
}

export type Consent = 'yes' | 'no' | null;

/** A row that can't be called. */
export interface RejectedRow {
  readonly line: number;
  /** One sentence naming the rule. It never repeats a cell, so it may stand in a log. */
  readonly reason: string;
  /** The cells as they stand in the file; personal data. */
  readonly row: readonly string[];
}

/** What a number's rows say about calling it. */
export interface Wishes {
  readonly consent: Consent;
  readonly doNotCall: boolean;
}

/**
 * A row whose number stands higher up in the same list; the first one is called. Its wishes are
 * those of all rows of the number so far: a refusal counts, wherever in the list it stands.
 */
export interface DuplicateRow extends Wishes {
  readonly line: number;
  readonly firstLine: number;
  /** Which contact the first row became: 0 for the list's first. */
  readonly first: number;
}

export type ListItem =
  | { readonly kind: 'contact'; readonly contact: Contact }
  | { readonly kind: 'rejected'; readonly rejected: RejectedRow }
  | ({ readonly kind: 'duplicate' } & DuplicateRow);
