import { channelService } from '../../../runtime/channels.ts';
import type { JournalRecord } from '../../../store/record.ts';
import type { Figures } from '../../metrics/figures.ts';
import { Metrics } from '../../metrics/projection.ts';
import {
  Alerts,
  type AlertView,
  type ChannelView,
  type KnownChannel,
  type SilenceView,
} from './alerts.ts';
import { Model, type Summary } from './model.ts';

/** What every screen begins with, as plain JSON. */
export interface Page extends Summary {
  readonly metrics: Figures;
  readonly alerts: readonly AlertView[];
  readonly channels: readonly ChannelView[];
  readonly silences: readonly SilenceView[];
}

/** All that is read off the journal for the pages: in the program, and in the browser for a file. */
export class Book {
  readonly model = new Model();
  readonly metrics = new Metrics();
  readonly alerts = new Alerts();

  apply(record: JournalRecord): void {
    this.model.apply(record);
    this.metrics.apply(record);
    this.alerts.apply(record);
  }

  /** Plain data that later records don't change. */
  snapshot(): unknown {
    const { model, metrics, alerts } = this;
    return {
      model: model.snapshot(),
      metrics: metrics.snapshot(),
      alerts: alerts.snapshot(),
    };
  }

  /** Makes a new book what the other one was. */
  restore(state: unknown): void {
    const kept = state as { [part in 'model' | 'metrics' | 'alerts']: unknown };
    this.model.restore(kept.model);
    this.metrics.restore(kept.metrics);
    this.alerts.restore(kept.alerts);
  }

  /** @param known the channels that are set up. @default those that the journal knows */
  page(known: readonly KnownChannel[] | null = null): Page {
    const { model, metrics, alerts } = this;
    return {
      ...model.summary(),
      metrics: metrics.figures(),
      alerts: alerts.list(model.at, known),
      channels: this.channels(known),
      silences: alerts.silences(),
    };
  }

  channels(known: readonly KnownChannel[] | null = null): ChannelView[] {
    const probeAt = (channel: string): number | null => {
      const service = this.model.services.get(channelService(channel));
      return service?.breaker === 'open' ? service.dueAt : null;
    };
    return this.alerts.channels(this.model.at, known, probeAt);
  }
}
