/** How jobs over dead letters begin: by a person, by a breaker that closed, or by the minute. */
import { classesCausedBy } from "../../domain/dead-letters/error-classes.ts";
import type { JobAction } from "../../domain/dead-letters/replay-job.ts";
import type { CorrelationId } from "../../domain/ids.ts";
import type { AuditLog } from "../audit.ts";
import { sha256Hex } from "../sha256.ts";
import type { DeadLetterJob, DeadLetterJobStore, JobFilter, NewJob } from "./jobs.ts";

export interface StartJobDeps {
  readonly jobs: Pick<DeadLetterJobStore, "create" | "areDue">;
  readonly audit: Pick<AuditLog, "append">;
  nowMs(): number;
  newId(): string;
}

export type DemandedJob = {
  readonly name: string;
  readonly action: JobAction;
  readonly filter: JobFilter;
  readonly reason: string | null;
  readonly actor: string;
  readonly correlationId: CorrelationId;
};

export type StartOutcome =
  | { readonly kind: "started" | "known"; readonly job: DeadLetterJob }
  /** The name was used for something else. */
  | { readonly kind: "name_taken"; readonly job: DeadLetterJob };

/** The same name, action and filter are the same job, however often it is asked for. */
export async function startJob(demanded: DemandedJob, deps: StartJobDeps): Promise<StartOutcome> {
  const given: NewJob = { ...demanded, id: await jobIdOf(demanded.name), trigger: "operator" };
  const { job, isNew } = await deps.jobs.create(given, deps.newId(), deps.nowMs());
  if (!isNew) return { kind: isSame(job, given) ? "known" : "name_taken", job };
  const { name, action, filter, reason, actor, correlationId } = demanded;
  const detail = { name, action, filter, total: job.total, ...(reason === null ? {} : { reason }) };
  await deps.audit.append({
    ...{ atMs: deps.nowMs(), actor, action: "dead_letter_job.started", subject: job.id, correlationId, detail },
  });
  return { kind: "started", job };
}

export const jobIdOf = async (name: string): Promise<string> =>
  `dlj_${(await sha256Hex(new TextEncoder().encode(name))).slice(0, 24)}`;

const isSame = (job: DeadLetterJob, given: NewJob): boolean =>
  job.trigger === given.trigger && job.action === given.action && sorted(job.filter) === sorted(given.filter);

const sorted = (filter: JobFilter): string =>
  JSON.stringify(
    Object.entries(filter)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const AUTOMATIC = "automatic";

export type EndedOutage = { readonly destination: string; readonly openedAtMs: number; readonly endedAtMs: number };

/**
 * Letters that an outage caused, once its breaker has closed.
 * @returns null: no error class is caused by outages of that kind
 */
export async function startJobAfterOutage(
  { destination, openedAtMs, endedAtMs }: EndedOutage,
  deps: StartJobDeps,
): Promise<DeadLetterJob | null> {
  const slash = destination.indexOf("/");
  const codes = classesCausedBy(destination.slice(0, slash));
  if (codes.length === 0) return null;
  // Told twice, the same outage is the same job.
  const name = `outage/${destination}/${new Date(openedAtMs).toISOString()}`;
  const filter = { codes, fromMs: openedAtMs, toMs: endedAtMs, shop: destination.slice(slash + 1) };
  const started = await deps.jobs.create(
    {
      ...{
        id: await jobIdOf(name),
        name,
        action: "replay",
        trigger: "breaker",
        filter,
        reason: null,
        actor: AUTOMATIC,
      },
      correlationId: name.replace(/[^A-Za-z0-9_.:=-]/g, "_") as CorrelationId,
    },
    deps.newId(),
    deps.nowMs(),
  );
  return started.job;
}

/** Letters whose automatic replay is due. @returns null: none is */
export async function startJobOfMinute(atMs: number, deps: StartJobDeps): Promise<DeadLetterJob | null> {
  const nowMs = deps.nowMs();
  if (!(await deps.jobs.areDue(nowMs))) return null;
  const name = `automatic/${new Date(atMs).toISOString()}`;
  const job: NewJob = {
    ...{ id: await jobIdOf(name), name, action: "replay", trigger: "minute", filter: {}, reason: null },
    ...{ actor: AUTOMATIC, correlationId: `automatic-${atMs}` as CorrelationId },
  };
  return (await deps.jobs.create(job, deps.newId(), nowMs, nowMs)).job;
}
