import fs from 'node:fs/promises';

/** Bytes that are free to us on the disk of a folder. */
export const freeBytesOf = (dir: string) => async (): Promise<number> => {
  const { bavail, bsize } = await fs.statfs(dir);
  return bavail * bsize;
};
