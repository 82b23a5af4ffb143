import type { Command } from '../command.ts';
import {
  alertsAck,
  alertsFlush,
  alertsLift,
  alertsList,
  alertsSilence,
  alertsTest,
} from './alerts.ts';
import { call } from './call.ts';
import { campaignCheck } from './campaign-check.ts';
import { campaignList, campaignStatus } from './campaign-status.ts';
import { campaignPause, campaignResume, campaignStop } from './campaign-orders.ts';
import { campaignRun } from './campaign-run.ts';
import { campaignSettle, campaignUnknown } from './campaign-unknown.ts';
import { makeCompletion } from './completion.ts';
import { config } from './config.ts';
import { contactsErase, contactsShow } from './contacts.ts';
import { doctor } from './doctor.ts';
import { draw } from './draw.ts';
import { inspect } from './inspect.ts';
import { journalArchive, journalStats } from './journal.ts';
import { metrics } from './metrics.ts';
import { replay } from './replay.ts';
import { reset } from './reset.ts';
import { open, serve } from './serve.ts';
import { scenario } from './scenario.ts';
import { status } from './status.ts';
import { tail } from './tail.ts';
import { verify } from './verify.ts';

export const commands: readonly Command[] = [
  campaignRun,
  campaignResume,
  campaignPause,
  campaignStop,
  campaignCheck,
  campaignList,
  campaignStatus,
  campaignUnknown,
  campaignSettle,
  contactsShow,
  contactsErase,
  call,
  scenario,
  alertsList,
  alertsAck,
  alertsSilence,
  alertsLift,
  alertsFlush,
  alertsTest,
  status,
  reset,
  replay,
  verify,
  tail,
  journalStats,
  journalArchive,
  metrics,
  serve,
  open,
  inspect,
  draw,
  config,
  doctor,
  makeCompletion(() => commands),
];
