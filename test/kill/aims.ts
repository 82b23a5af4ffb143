import type { JournalRecord } from '../../store/record.ts';

/** A kind of journal line; a kill right behind it cuts the program off there. */
export interface Aim {
  readonly name: string;
  readonly fits: (record: JournalRecord) => boolean;
  /** How many such lines may pass before the kill: few enough that the list outlasts all rounds. */
  readonly most: number;
}

const begins = (step: string) => (record: JournalRecord) =>
  record.actor.endsWith(`/${step}`) && record.to === 'attempting';
const ends = (step: string) => (record: JournalRecord) =>
  record.actor.endsWith(`/${step}`) && record.done === true;
const reaches = (state: string) => (record: JournalRecord) =>
  record.machine === 'call' && record.to === state && record.from !== state;

/** Any line at all. */
export const anything: Aim = { name: 'anything happens', fits: () => true, most: 200 };

/** The moments that are worst to be killed at: between intent, request, answer and record. */
export const aims: readonly Aim[] = [
  { name: 'a dial is intended', fits: begins('dial'), most: 6 },
  { name: 'an actor is resumed', fits: ({ event }) => event.type === 'resumed', most: 3 },
  { name: 'a dial is in doubt', fits: reaches('settling'), most: 1 },
  { name: 'a dial is looked up', fits: begins('lookup'), most: 1 },
  { name: 'a dial is answered', fits: ends('dial'), most: 6 },
  { name: 'a call is placed', fits: reaches('inCall'), most: 6 },
  { name: 'a call is recorded', fits: begins('record'), most: 4 },
  { name: 'a record is made', fits: ends('record'), most: 4 },
  { name: 'a script is there', fits: ends('script'), most: 8 },
  anything,
];

/** A call has come to its end, whichever. */
export const endOfCall: Aim = {
  name: 'a call ends',
  fits: ({ machine, done }) => machine === 'call' && done === true,
  most: Infinity,
};
