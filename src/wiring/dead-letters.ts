/** Dead letters, joined: their store, their replay, and the jobs over many of them. */
import { LIMITS, parseConfig } from "../config.ts";
import { type ChannelId, fromStore, type ShopDomain } from "../domain/ids.ts";
import { maskText } from "../domain/mask-text.ts";
import { checkLetterPayload } from "../ingress/check-letter-payload.ts";
import { isShopifyTopic, projectShopify } from "../ingress/project-shopify.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { BreakerNotice } from "../queues/breaker-notice.ts";
import type { Envelope } from "../queues/envelope.ts";
import { parseParkedLevel } from "../queues/parked-level.ts";
import { sendBatches } from "../queues/send-batches.ts";
import { eventShards, sendEvent } from "../queues/send-event.ts";
import type { AuditFilter } from "../services/audit.ts";
import { type DriveJobDeps, driveJob, queueOf as queueLabelOf } from "../services/dead-letters/drive-job.ts";
import { type By, editLetter } from "../services/dead-letters/edit-letter.ts";
import type { JobFilter, ReplayMark } from "../services/dead-letters/jobs.ts";
import {
  type DemandedJob,
  type StartJobDeps,
  startJob,
  startJobAfterOutage,
  startJobOfMinute,
} from "../services/dead-letters/start-job.ts";
import type { DeadLetterStore } from "../services/dead-letters.ts";
import { type ReplayDeps, type ReplayOutcome, replayDeadLetter } from "../services/replay-dead-letter.ts";
import { reach, reaching } from "../services/unavailable.ts";
import { countingDeadLetters } from "../store/counting-dead-letters.ts";
import { d1AuditLog } from "../store/d1-audit-log.ts";
import { d1DeadLetterJobs } from "../store/d1-dead-letter-jobs.ts";
import { d1DeadLetters } from "../store/d1-dead-letters.ts";
import { durableCounters } from "../store/durable-counters.ts";
import { takeInAdapterLetter } from "./adapter-letters.ts";
import { ourShops } from "./our-shops.ts";
import { queueOf } from "./queues.ts";
import { meterOf } from "./telemetry.ts";

const nowMs = (): number => Date.now();
const newId = (): string => crypto.randomUUID();

export const deadLettersOf = (env: Env): DeadLetterStore =>
  countingDeadLetters(
    d1DeadLetters(env.DB, {
      errorsMax: LIMITS.deadLetterErrorsMax,
      trailMax: LIMITS.deadLetterTrailMax,
      messageCharsMax: LIMITS.deadLetterMessageCharsMax,
      refsMax: LIMITS.deadLetterRefsMax,
      autoForgetMs: LIMITS.deadLetterAutoForgetMs,
    }),
    meterOf(env),
  );

const jobsOf = (env: Env) =>
  d1DeadLetterJobs(env.DB, {
    trailMax: LIMITS.deadLetterTrailMax,
    lettersMax: LIMITS.replayJobLettersMax,
    pageBytesMax: LIMITS.replayPageBytesMax,
  });

const sendDeps = (env: Env): Omit<ReplayDeps, "store"> => ({
  async takeIn({ origin, topic, payload, shop: sender, eventId, correlationId }, mark) {
    if (origin === "ingress/adapter") {
      const letter = { topic, payload, eventId, correlationId };
      return takeInAdapterLetter(env, fromStore<ChannelId>(sender), letter, mark);
    }
    const shop = fromStore<ShopDomain>(sender);
    if (!isShopifyTopic(topic)) return { why: `topic "${topic}" is not taken in` };
    const projected = projectShopify(topic, payload);
    if (!projected.ok) return { why: `it is still not of the expected shape: ${projected.error.problems.join("; ")}` };
    if (projected.value.kind === "nothing") return "nothing";
    const { event: data, occurredAtMs } = projected.value;
    const envelope: Envelope = {
      ...{ v: 1, id: eventId, correlationId, channel: { type: "shopify", shop }, kind: topic },
      ...{ occurredAt: occurredAtMs ?? nowMs(), receivedAt: nowMs(), data },
      ...(mark === null ? {} : { replay: mark }),
    };
    await reach("queue", () => sendEvent(eventShards(env), envelope));
    return "sent";
  },
  async send(queue, bodies) {
    const target = queueOf(env, queue);
    if (target === undefined) return false;
    await reach("queue", () => sendBatches(target, bodies));
    return true;
  },
  parkedLevels: parseParkedLevel,
  async unpark({ skuId, listingId, locationIds }) {
    const counter = reaching("counter", durableCounters(env.SKU_COUNTER).of(skuId));
    for (const locationId of locationIds) await counter.unpark(listingId, locationId);
  },
  nowMs,
});

const driveDeps = (env: Env): DriveJobDeps => ({
  jobs: reaching("dead letters", jobsOf(env)),
  replay: sendDeps(env),
  meter: meterOf(env),
  log,
  pace: { inFlightMax: LIMITS.replayInFlightMax, pageMax: LIMITS.replayPageRows },
  unheardMs: LIMITS.replayUnheardMs,
  leaseMs: LIMITS.replayLeaseMs,
  pollMs: LIMITS.replayPollMs,
  nowMs,
  newId,
  wait: (ms) => scheduler.wait(ms),
});

const startDeps = (env: Env): StartJobDeps => ({
  jobs: reaching("dead letters", jobsOf(env)),
  audit: reaching("dead letters", d1AuditLog(env.DB)),
  nowMs,
  newId,
});

/** One letter, by a person. */
async function replay(env: Env, id: string, { actor, correlationId }: By): Promise<ReplayOutcome> {
  const store = reaching("dead letters", deadLettersOf(env));
  const act = { actor, correlationId, detail: null, audit: {} };
  const outcome = await replayDeadLetter(id, act, { store, ...sendDeps(env) });
  if (outcome.kind === "replayed") {
    const queue = queueLabelOf(outcome.letter.origin);
    meterOf(env).count("onhand_dead_letter_replayed_total", { queue, by: "operator" });
    const { correlationId: cause } = outcome.letter;
    log("info", "dead_letter.replayed", { queue, deadLetterId: id, correlationId: cause, outcome: "operator" });
  }
  return outcome;
}

/** What the API may do. */
export function deadLetterServices(env: Env, ctx: Pick<ExecutionContext, "waitUntil">) {
  const deadLetters = reaching("dead letters", deadLettersOf(env));
  const jobs = reaching("dead letters", jobsOf(env));
  const audit = reaching("dead letters", d1AuditLog(env.DB));
  return {
    deadLetters,
    replay: (id: string, by: By) => replay(env, id, by),
    editLetter: (id: string, version: number, payload: unknown, by: By) =>
      editLetter(id, version, payload, by, {
        store: deadLetters,
        check: async (letter, given) => checkLetterPayload(letter, given, await checkLimits(env)),
        replay: (letter, who) => replay(env, letter, who),
        nowMs,
      }),
    async discardLetter(id: string, given: string, by: By) {
      const reason = kept(given);
      const act = { ...by, detail: reason, audit: { reason }, atMs: nowMs() };
      const isDiscarded = await deadLetters.discard(id, act);
      const letter = await deadLetters.get(id);
      if (isDiscarded && letter !== null) {
        const queue = queueLabelOf(letter.origin);
        meterOf(env).count("onhand_dead_letter_discarded_total", { queue });
        log("info", "dead_letter.discarded", { queue, deadLetterId: id, correlationId: letter.correlationId });
      }
      return { isDiscarded, letter };
    },
    letterJobs: {
      foresee: (filter: JobFilter) => jobs.count(filter, LIMITS.deadLetterSampleMax),
      async start(demanded: DemandedJob) {
        const reason = demanded.reason === null ? null : kept(demanded.reason);
        const started = await startJob({ ...demanded, reason }, startDeps(env));
        if (started.kind === "started") ctx.waitUntil(driveOn(env, started.job.id, LIMITS.replayRequestBudgetMs));
        return started;
      },
      get: (idOrName: string) => jobs.get(idOrName),
      list: (filter: Parameters<typeof jobs.list>[0]) => jobs.list(filter),
      items: (id: string, filter: Parameters<typeof jobs.items>[1]) => jobs.items(id, filter),
      async cancel(id: string, { actor, correlationId }: By) {
        const before = await jobs.get(id);
        if (before?.status !== "running") return before;
        const entry = { atMs: nowMs(), actor, action: "dead_letter_job.cancelled", subject: before.id, correlationId };
        await audit.append({ ...entry, detail: { name: before.name } });
        return jobs.cancel(before.id, nowMs());
      },
    },
    auditLog: (filter: AuditFilter) => audit.list(filter),
  };
}

/** What a person gives as a reason may name another person. */
const kept = (reason: string): string => maskText(reason, LIMITS.deadLetterMessageCharsMax);

async function checkLimits(env: Env) {
  const shops: ReadonlySet<string> = parseConfig(env).ok ? await ourShops(env) : new Set();
  return { messageBytesMax: LIMITS.messageBytesMax, isOurShop: (shop: string) => shops.has(shop) };
}

/** As long as the budget lasts; then the queue hands the job on. Whatever fails, the next minute does. */
async function driveOn(env: Env, jobId: string, budgetMs: number): Promise<void> {
  try {
    if ((await driveJob(jobId, budgetMs, driveDeps(env))) === "unfinished") await handOn(env, jobId);
  } catch (error) {
    log("warn", "dead_letter_job.not_driven", { reason: reasonOf(error) });
  }
}

async function handOn(env: Env, jobId: string): Promise<void> {
  await env.NOTIFICATIONS.send({ v: 1, kind: "replay", jobId });
}

/** A notification's turn: short, because others wait behind it. */
export async function driveReplay(env: Env, jobId: string): Promise<void> {
  if ((await driveJob(jobId, LIMITS.replayTurnBudgetMs, driveDeps(env))) === "unfinished") await handOn(env, jobId);
}

/** A breaker closed: what its outage caused is replayed by itself. */
export async function replayAfterOutage(env: Env, notice: BreakerNotice): Promise<void> {
  const { destination, to, openedAtMs, atMs } = notice;
  if (to !== "closed" || openedAtMs === null) return;
  const job = await startJobAfterOutage({ destination, openedAtMs, endedAtMs: atMs }, startDeps(env));
  if (job === null || job.status !== "running") return;
  log("info", "dead_letter_job.started", { code: destination, counts: { letters: job.total } });
  await driveReplay(env, job.id);
}

/** Each minute: what is due by itself, jobs whose driver is gone, payloads whose time is over. */
export async function tendDeadLetters(env: Env, atMs: number): Promise<void> {
  try {
    await startJobOfMinute(atMs, startDeps(env));
    for (const id of await jobsOf(env).idle(nowMs(), LIMITS.replayJobsPerMinute)) await handOn(env, id);
    const beforeMs = atMs - LIMITS.deadLetterFreeFormMs;
    await deadLettersOf(env).outline(beforeMs, LIMITS.deadLetterOutlinesPerMinute, nowMs());
  } catch (error) {
    log("warn", "dead_letters.not_tended", { reason: reasonOf(error) }); // the next minute does
  }
}

export async function pruneDeadLetters(env: Env, atMs: number): Promise<void> {
  await deadLettersOf(env).prune(atMs - LIMITS.deadLetterRetentionMs);
  await jobsOf(env).prune(atMs - LIMITS.replayJobRetentionMs);
  await d1AuditLog(env.DB).prune(atMs - LIMITS.auditRetentionMs);
}

/** Replays that a consumer has come to the end of. Best effort: a job waits a minute for what it does not hear of. */
export async function noteReplays(env: Env, marks: readonly ReplayMark[]): Promise<void> {
  if (marks.length === 0) return;
  try {
    await jobsOf(env).noteProcessed(marks, nowMs());
  } catch (error) {
    log("warn", "dead_letter_job.not_noted", { reason: reasonOf(error), counts: { replays: marks.length } });
  }
}
