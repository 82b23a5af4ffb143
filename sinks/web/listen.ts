import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../../errors.ts';
import { urlHost } from './access.ts';

function sentence(error: unknown, what: string, where: string): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new UserError(`The ${what} can't use ${where}: the port is in use. Choose another.`);
  }
  return new UserError(`The ${what} can't listen on ${where}: ${String(code ?? error)}.`);
}

/**
 * @param what is going to listen, as a person calls it
 * @returns the port, which differs from the one asked for when that was 0
 * @throws UserError when the port can't be had
 */
export async function listen(
  server: Server,
  port: number,
  host: string,
  what: string,
): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw sentence(error, what, `${urlHost(host)}:${port}`);
  }
  server.on('error', () => {}); // a connection that can't be accepted does not end the program
  return (server.address() as AddressInfo).port;
}
