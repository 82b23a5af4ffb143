import { date } from '../format.ts';
import { untilDue } from '../store.ts';
import type { ChannelView } from '../types.ts';
import { Badge } from './badge.tsx';
import { Empty } from './empty.tsx';

/** When a channel is tried again, in words. */
export function nextTry(channel: ChannelView | undefined): string {
  const at = channel?.nextTryAt ?? null;
  return at === null ? 'is being sent' : `next try ${untilDue(at)}`;
}

/** The ways to people: which work, what waits for them, and when they are tried again. */
export function Channels({ channels }: { channels: readonly ChannelView[] }) {
  return (
    <section aria-labelledby="channels">
      <h2 id="channels">Channels</h2>
      {channels.length === 0 ? (
        <Empty>
          Nobody is told of alerts but on this page and the terminal. A channel is set up in{' '}
          <code>.env</code>: <code>npx call-agent config</code> names the variables.
        </Empty>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Channels">
          <table>
            <thead>
              <tr>
                <th scope="col">channel</th>
                <th scope="col">state</th>
                <th scope="col">yet to deliver</th>
                <th scope="col">next try</th>
                <th scope="col">last error</th>
              </tr>
            </thead>
            <tbody>
              {channels.map((channel) => (
                <tr key={channel.name} data-channel={channel.name}>
                  <td>{channel.name}</td>
                  <td>
                    <Badge state={channel.state} />
                  </td>
                  <td>{channel.waiting}</td>
                  <td class="nowrap">
                    {channel.waiting === 0 && channel.nextTryAt === null ? '–' : nextTry(channel)}
                  </td>
                  <td>
                    {channel.error ?? ''}
                    {channel.failingSince !== null && ` (since ${date(channel.failingSince)})`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
