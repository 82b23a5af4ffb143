import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../errors.ts';
import type { Command } from '../../runtime/commands.ts';
import { ControlServer, sendCommand } from '../../runtime/control.ts';
import { controlAddress } from '../../runtime/control-address.ts';
import { dataFolder, journalOf, openAgent } from '../support/agent.ts';
import { openGuard, SERVICE } from '../support/guarded.ts';
import { temporaryFolder } from '../support/virtual-agent.ts';

const reset = (services: string[] | null): Command => ({ type: 'reset', services, by: 'test' });

async function serve(dir: string, port: (command: Command) => unknown): Promise<void> {
  const server = await ControlServer.listen(dir, port);
  onTestFinished(() => server.close());
}

/** What a client that is none of ours gets for the bytes it sends. */
async function say(dir: string, bytes: string): Promise<string> {
  const socket = net.connect(controlAddress(dir));
  socket.setEncoding('utf8');
  let received = '';
  socket.on('data', (chunk: string) => (received += chunk));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes);
  await closed;
  return received;
}

describe('a command to a running agent', () => {
  test('closes a breaker, answers with the status, and is journalled with who gave it', async () => {
    const v = await openGuard();
    await v.trip();
    const answer = await sendCommand(v.dir, reset([SERVICE]));
    expect(answer?.result).toMatchObject({ services: { [SERVICE]: { breaker: 'CLOSED' } } });
    expect(v.breaker()).toBe('CLOSED');
    const line = journalOf(v).find(({ event }) => event.type === 'breaker.reset');
    expect(line?.event['by']).toBe('test');
  });

  test('takes a service out of use and back', async () => {
    const v = await openGuard();
    await sendCommand(v.dir, { type: 'isolate', services: [SERVICE], by: 'test' });
    expect(v.breaker()).toBe('ISOLATED');
    await sendCommand(v.dir, { type: 'release', services: [SERVICE], by: 'test' });
    expect(v.breaker()).toBe('CLOSED');
  });

  test('is refused in a sentence when the service is not known', async () => {
    const v = await openGuard();
    await v.trip();
    const refused = sendCommand(v.dir, reset([SERVICE, 'Nobody']));
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow('There is no service called Nobody: known are');
    expect(v.breaker()).toBe('OPEN');
  });

  test('is refused when the agent does not know it', async () => {
    const { dir } = await openAgent();
    const odd = { type: 'explode', services: null, by: 'test' } as unknown as Command;
    await expect(sendCommand(dir, odd)).rejects.toThrow(/does not know/);
  });

  test('that is not JSON is answered, not obeyed', async () => {
    const { dir } = await openAgent();
    expect(JSON.parse(await say(dir, 'nonsense\n'))).toMatchObject({ ok: false });
  });

  test('finds nobody when no agent works on the folder', async () => {
    expect(await sendCommand(dataFolder(), reset(null))).toBeNull();
    const v = await openAgent();
    await v.agent.stop();
    expect(await sendCommand(v.dir, reset(null))).toBeNull();
  });
});

describe('the control socket', () => {
  test('is for its owner alone', async () => {
    const { dir } = await openAgent();
    expect(fs.statSync(controlAddress(dir)).mode & 0o777).toBe(0o600);
  });

  test('is gone when the agent has stopped', async () => {
    const v = await openAgent();
    expect(fs.existsSync(controlAddress(v.dir))).toBe(true);
    await v.agent.stop();
    expect(fs.existsSync(controlAddress(v.dir))).toBe(false);
  });

  test.for(['a socket that nobody listens on', 'a file'])(
    'replaces %s, left by a killed process',
    async (what) => {
      const dir = dataFolder();
      if (what === 'a file') fs.writeFileSync(controlAddress(dir), '');
      else {
        // A name for the socket that the server does not know of, and so does not remove.
        const elsewhere = path.join(dir, 'other.sock');
        const server = net.createServer().listen(elsewhere);
        await new Promise((resolve) => server.once('listening', resolve));
        fs.linkSync(elsewhere, controlAddress(dir));
        await new Promise((resolve) => server.close(resolve));
      }
      const v = await openAgent({ dataDir: dir });
      const answer = await sendCommand(dir, reset(null));
      expect(answer?.result).toEqual(v.agent.status());
    },
  );

  test('stands in the temporary folder when the path would be too long for one', () => {
    const long = controlAddress(path.join('/', 'x'.repeat(200)));
    expect(Buffer.byteLength(long)).toBeLessThan(108);
    expect(long).not.toContain('xxxx');
    expect(controlAddress(path.join('/', 'x'.repeat(200)))).toBe(long);
    expect(controlAddress(path.join('/', 'x'.repeat(201)))).not.toBe(long);
  });

  test.skipIf(process.platform === 'win32')(
    'neither listens nor speaks where somebody else may listen (POSIX modes)',
    async () => {
      const base = temporaryFolder();
      onTestFinished(() => fs.rmSync(base, { recursive: true, force: true }));
      vi.stubEnv('TMPDIR', base);
      onTestFinished(() => void vi.unstubAllEnvs());
      const dir = path.join(base, 'x'.repeat(120));
      const port = (): string => 'heard';
      const server = await ControlServer.listen(dir, port);
      expect(await sendCommand(dir, reset(null))).toEqual({ result: 'heard' });
      const own = path.dirname(controlAddress(dir));
      expect(path.dirname(own)).toBe(base);
      expect(fs.statSync(own).mode & 0o777).toBe(0o700);
      fs.chmodSync(own, 0o777);
      await expect(sendCommand(dir, reset(null))).rejects.toThrow(/has to be a folder of your own/);
      await server.close();
      await expect(ControlServer.listen(dir, port)).rejects.toThrow(/mode 0700/);
    },
  );

  test('ends an open connection when the agent stops', async () => {
    const v = await openAgent();
    const socket = net.connect(controlAddress(v.dir));
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('connect', resolve));
    // Answered only once the server has seen the connection before it.
    await sendCommand(v.dir, reset(null));
    expect(socket.destroyed).toBe(false);
    await v.agent.stop();
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  test('answers the command that ends the agent before it closes', async () => {
    const dir = dataFolder();
    let closed: Promise<void> | undefined;
    const server = await ControlServer.listen(dir, async () => {
      closed = server.close();
      await new Promise((resolve) => setImmediate(resolve));
      return 'stopped';
    });
    expect((await sendCommand(dir, reset(null)))?.result).toBe('stopped');
    await closed;
  });

  test('carries an answer of any length', async () => {
    const dir = dataFolder();
    const result = { text: 'ä🙂'.repeat(100_000) };
    await serve(dir, () => result);
    expect((await sendCommand(dir, reset(null)))?.result).toEqual(result);
  });
});

describe('a client that goes before its answer', () => {
  test('does not take the agent along, nor do two commands at once', async () => {
    const v = await openAgent();
    for (const bytes of ['{"type":"reset"}\n', '{"type":"reset"}\n{"type":"reset"}\n']) {
      const socket = net.connect(controlAddress(v.dir));
      await new Promise((resolve) => socket.once('connect', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      socket.write(bytes);
      socket.destroy();
      await closed;
    }
    const answer = await sendCommand(v.dir, reset(null));
    expect(answer).not.toBeNull();
  });
});
