import type { Live } from './registry.ts';
import type { Health, MetricsServer } from './server.ts';
import type { MetricsSink } from './sink.ts';

export interface Served extends Live {
  readonly sink: MetricsSink | null;
  readonly health: () => Health;
  /** Metrics that can't be served are no reason not to call anybody. */
  readonly onFailure: (sentence: string) => void;
}

/** Serves the metrics of a running agent, where a port is set for them. */
export async function serveMetrics(
  port: number | undefined,
  { sink, sinks, chat, health, onFailure }: Served,
): Promise<MetricsServer | null> {
  if (port === undefined || !sink) return null;
  const [{ registryOf }, { MetricsServer: Server }] = await Promise.all([
    import('./registry.ts'),
    import('./server.ts'),
  ]);
  const registry = registryOf(sink.metrics, { sinks, ...(chat && { chat }) }, true);
  try {
    return await Server.listen({ registry, health, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'it is in use' : String(code ?? error);
    onFailure(`METRICS_PORT ${port} can't be served: ${why}. Set another, or none.`);
    return null;
  }
}
