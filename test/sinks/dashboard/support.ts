import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Backstage } from '../../../sinks/dashboard/server/api.ts';
import { startDashboard } from '../../../sinks/dashboard/server/server.ts';
import type { JournalRecord } from '../../../store/record.ts';

const GOLDEN = new URL('../../golden/', import.meta.url);

/** The records of a scenario that was played in virtual time. */
export function golden(name: string): JournalRecord[] {
  const text = fs.readFileSync(new URL(`${name}.jsonl`, GOLDEN), 'utf8');
  const lines = text.trimEnd().split('\n').slice(1);
  return lines.map((line) => JSON.parse(line) as JournalRecord);
}

/** A journal folder that holds the first lines of a scenario's journal, and can be made to grow. */
export function journalFolder(name: string, records = Infinity) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-dashboard-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  const lines = fs.readFileSync(new URL(`${name}.jsonl`, GOLDEN), 'utf8').match(/.*\n/g) ?? [];
  const file = path.join(dir, '00000000000000000001.jsonl');
  fs.writeFileSync(file, lines.slice(0, 1 + records).join(''));
  return {
    dir,
    file,
    total: lines.length - 1,
    /** Appends what comes next, up to a seq. */
    growTo: (seq: number) => {
      const have = fs.readFileSync(file, 'utf8').match(/\n/g)?.length ?? 0;
      fs.appendFileSync(file, lines.slice(have, 1 + seq).join(''));
    },
  };
}

/** Answers nothing but what the journal says. */
export const lonely: Backstage = {
  command: null,
  time: () => Promise.resolve(null),
  campaigns: () => Promise.resolve([]),
  channels: null,
};

interface Asked {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

interface Options {
  readonly token?: string;
  readonly hosts?: readonly string[];
  readonly stage?: Partial<Backstage>;
}

export async function openDashboard(place: string, { token, hosts, stage }: Options = {}) {
  const dashboard = await startDashboard({
    place,
    port: 0,
    token: token ?? null,
    hosts: hosts ?? [],
    stage: { ...lonely, ...stage },
  });
  onTestFinished(() => dashboard.close());
  await dashboard.ready;
  const { port } = new URL(dashboard.url);
  /** As a client that is no browser: it may say any Host. */
  const ask = (address: string, { method = 'GET', headers = {}, body }: Asked = {}) =>
    new Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }>(
      (resolve, reject) => {
        const request = http.request(
          { host: '127.0.0.1', port, path: address, method, headers },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
            response.on('end', () =>
              resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
            );
          },
        );
        request.on('error', reject);
        request.end(body);
      },
    );
  const json = async (address: string): Promise<Record<string, unknown>> =>
    JSON.parse((await ask(address)).text) as Record<string, unknown>;
  return { url: dashboard.url, port, ask, json, close: () => dashboard.close() };
}
