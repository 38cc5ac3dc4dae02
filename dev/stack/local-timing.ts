/**
 * The merge's windows, TTLs and periods as the local stack runs them: scaled down, so that what production settles within
 * a minute can be watched in seconds. Stamps stay whole seconds, so what depends on them (slack, settle) stays too.
 */
export const LOCAL_TIMING = {
  slackMs: 2_000,
  graceMs: 2_000,
  verifyMs: 6_000,
  settleMs: 1_500,
  minReadMs: 1_000,
  hintTtlMs: 60_000,
  spareTtlMs: 20_000,
  failBackoffMs: 500,
  failBackoffMsMax: 5_000,
  readTimeoutMs: 10_000,
  signalRetryMs: 3_000,
  reconcileChangedEveryMs: 60_000,
  reconcileAllEveryMs: 120_000,
  reconcileOverlapMs: 10_000,
  webhookWindowMs: 3_000,
  channelTtlMs: 2_000,
  mirrorTtlSecondsMin: 5,
  mirrorTtlSecondsMax: 10,
  /** Longer than an order's grace here, and a read. */
  crossingMs: 5_000,
  salesEveryMs: 10_000,
  /** As often as the cron comes here: what an alert calls five minutes is 25 s. */
  alertMinuteMs: 5_000,
} as const;

/** Crons run each minute in production; here this often. */
export const LOCAL_CRON_EVERY_MS = 5_000;

export const sayTiming = (): string =>
  `windows scaled down: unexplained order read after ${seconds(LOCAL_TIMING.graceMs)} (production 5 s), verified after ` +
  `${seconds(LOCAL_TIMING.verifyMs)} (60 s), what changed reconciled every ${seconds(LOCAL_TIMING.reconcileChangedEveryMs)} (15 min), everything every ${seconds(LOCAL_TIMING.reconcileAllEveryMs)} (a day), mirror TTL ${LOCAL_TIMING.mirrorTtlSecondsMin}–${LOCAL_TIMING.mirrorTtlSecondsMax} s (30–60 s), ` +
  `cron every ${seconds(LOCAL_CRON_EVERY_MS)} (60 s)`;

const seconds = (ms: number): string => `${ms / 1_000} s`;
