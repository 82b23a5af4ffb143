import net from 'node:net';
import tls from 'node:tls';
import { classifyNetwork } from '../../../runtime/http/network.ts';

/** Whether somebody answers at a URL, with a certificate that fits; nothing is asked of them. */
export async function reach(channel: string, address: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { protocol, hostname, port } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'https:';
  const target = { host, port: Number(port) || (isTls ? 443 : 80), signal };
  const name = net.isIP(host) === 0 ? { servername: host } : {};
  const socket = isTls ? tls.connect({ ...target, ...name }) : net.connect(target);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(isTls ? 'secureConnect' : 'connect', resolve);
  socket.once('error', reject);
  try {
    await promise;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw classifyNetwork({ service: channel, error, sent: false });
  } finally {
    socket.destroy();
  }
}
