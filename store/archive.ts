import path from 'node:path';
import { crc32 } from 'node:zlib';
import { surveyJournal, type Survey, type Surveyed } from './archive-survey.ts';
import { sizeOf, writeAll, type FileSystem } from './file-system.ts';
import { gunzipped, gzBlock } from './gz-blocks.ts';
import { isJournalError, JournalError } from './journal-error.ts';
import { listSegments } from './segments.ts';
import { StorageError } from './storage-error.ts';

/** Read, compressed and written before others get a turn: some milliseconds. */
const BLOCK_BYTES = 1 << 18;

export interface ArchivedFile {
  readonly file: string;
  readonly records: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface LeftFile {
  readonly file: string;
  readonly bytes: number;
  /** Why it was not compressed, in words. */
  readonly why: string;
}

export interface ArchiveReport {
  readonly archived: readonly ArchivedFile[];
  readonly left: readonly LeftFile[];
  /** Of all files of the journal. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** How far an archiving is, for whoever watches. */
export interface ArchiveProgress {
  readonly file: string;
  /** Null while it is found out what there is to do. */
  readonly share: number | null;
}

export interface ArchiveOptions {
  readonly dir: string;
  readonly disk: FileSystem;
  /** Only the files of this campaign. @default all that is finished */
  readonly campaign?: string | null;
  /** Sees what there is, before anything is done. @throws to have nothing done */
  readonly check?: (survey: Survey) => void;
  /** Ends the file that is being written, and begins the next one. */
  readonly beginFile: (survey: Survey) => void;
}

const WAS_ARCHIVED = 'archived already';

function whyLeft(survey: Survey, index: number, campaign: string | null): string | null {
  const segment = survey.segments[index] as Surveyed;
  if (segment.isArchived) return WAS_ARCHIVED;
  const span = campaign === null ? null : survey.campaigns.get(campaign);
  if (span && (index < span.first || index > span.last)) return `nothing of ${campaign} is in it`;
  const { unfinished, example } = segment;
  const more = unfinished > 1 ? ` and ${unfinished - 1} more` : '';
  if (example !== null) return `unfinished: ${example}${more}`;
  if (index < survey.segments.length - 1) return null;
  return segment.hasWork ? null : 'being written';
}

/**
 * Compresses the files of a journal in which everything has ended. The file that is being written
 * is closed first, where what was worked on in it has ended. The caller holds the folder's lock.
 *
 * A file is compressed under another name, put on disk, read back and compared, renamed, and only
 * then the one it was made of is removed: whenever it is cut short, every record is there, and the
 * next time goes on with it.
 * @throws JournalError where the journal is damaged
 * @throws StorageError when the disk refuses
 */
export function* archiveJournal(
  options: ArchiveOptions,
): Generator<ArchiveProgress, ArchiveReport> {
  const { dir, disk, campaign = null, check, beginFile } = options;
  for (const name of disk.list(dir)) {
    if (name.endsWith('.jsonl.gz.tmp')) disk.remove(path.join(dir, name));
  }
  const survey = yield* surveyed(dir, disk);
  check?.(survey);
  const reasons = survey.segments.map((_, index) => whyLeft(survey, index, campaign));
  const isLastFinished = reasons.length > 0 && reasons.at(-1) === null;
  if (isLastFinished) beginFile(survey);
  const archived: ArchivedFile[] = [];
  const left: LeftFile[] = [];
  for (const [index, { file, records }] of survey.segments.entries()) {
    const why = reasons[index] ?? null;
    const bytesBefore = sizeOf(disk, file);
    const name = path.basename(file);
    if (why !== null) left.push({ file: name, bytes: bytesBefore, why });
    else {
      const bytesAfter = yield* compress(disk, file);
      archived.push({ file: name, records, bytesBefore, bytesAfter });
    }
  }
  const bytesAfter = listSegments(dir, disk).reduce((sum, file) => sum + sizeOf(disk, file), 0);
  const saved = archived.reduce((sum, file) => sum + file.bytesBefore - file.bytesAfter, 0);
  return { archived, left, bytesBefore: bytesAfter + saved, bytesAfter };
}

function* surveyed(dir: string, disk: FileSystem): Generator<ArchiveProgress, Survey> {
  const steps = surveyJournal(dir, disk);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    yield { file: step.value.file, share: null };
  }
}

/** @returns how long the compressed file is */
function* compress(disk: FileSystem, file: string): Generator<ArchiveProgress, number> {
  const draft = `${file}.gz.tmp`;
  try {
    const bytesAfter = yield* writeDraft(disk, file, draft);
    const dir = path.dirname(file);
    disk.rename(draft, `${file}.gz`);
    disk.syncFolder(dir);
    disk.remove(file);
    disk.syncFolder(dir);
    return bytesAfter;
  } catch (error) {
    giveBack(disk, draft);
    throw isJournalError(error) ? error : new StorageError(draft, error);
  }
}

/** A full disk needs the room; what can't be removed now is removed the next time. */
function giveBack(disk: FileSystem, draft: string): void {
  try {
    disk.remove(draft);
  } catch {
    // The failure that led here is the one to tell.
  }
}

function* writeDraft(
  disk: FileSystem,
  file: string,
  draft: string,
): Generator<ArchiveProgress, number> {
  const from = disk.open(file, 'read');
  const to = disk.open(draft, 'create');
  let [done, crc, bytesAfter] = [0, 0, 0];
  try {
    const size = disk.size(from);
    const chunk = Buffer.alloc(BLOCK_BYTES);
    for (let read = -1; read !== 0;) {
      read = disk.read(from, chunk, 0, BLOCK_BYTES, done);
      if (read === 0) break;
      const bytes = chunk.subarray(0, read);
      const block = gzBlock(bytes);
      writeAll(disk, to, block);
      crc = crc32(bytes, crc);
      done += read;
      bytesAfter += block.length;
      yield { file: path.basename(file), share: done / size };
    }
    disk.syncNow(to);
  } finally {
    disk.close(from);
    disk.close(to);
  }
  yield* compareWith(disk, draft, done, crc);
  return bytesAfter;
}

/** What is about to be all that is left must say the same. */
function* compareWith(
  disk: FileSystem,
  draft: string,
  bytes: number,
  crc: number,
): Generator<ArchiveProgress> {
  let [found, foundCrc] = [0, 0];
  for (const block of gunzipped(disk, draft, 0)) {
    found += block.length;
    foundCrc = crc32(block, foundCrc);
    yield { file: path.basename(draft), share: 1 };
  }
  if (found === bytes && foundCrc === crc) return;
  throw new JournalError('A journal file was not compressed faithfully, so nothing was removed', {
    file: draft,
  });
}
