import fs from 'node:fs';
import path from 'node:path';
import { dataFolder } from './agent.ts';
import { journalFile } from './virtual-agent.ts';

/** The folder as a crash right behind a journal line leaves it. */
export function cutBehind(dir: string, seq: number): string {
  const cut = dataFolder();
  const contacts = path.join(dir, 'contacts');
  if (fs.existsSync(contacts)) fs.cpSync(contacts, path.join(cut, 'contacts'), { recursive: true });
  const lines = fs.readFileSync(journalFile(dir), 'utf8').split('\n');
  fs.mkdirSync(path.join(cut, 'journal'));
  fs.writeFileSync(journalFile(cut), `${lines.slice(0, seq + 1).join('\n')}\n`);
  return cut;
}
