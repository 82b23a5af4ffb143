import { z } from 'zod';

/** What is measured, and for whom. */
export const metrics = z.object({
  METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Serves /metrics and /healthz on this port of 127.0.0.1; 0 for any free one'),
  TRACING: z
    .enum(['off', 'on'])
    .default('off')
    .describe('on: each call is a trace for the OpenTelemetry SDK that the process has loaded'),
});
