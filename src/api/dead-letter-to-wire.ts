/** Dead letters, and jobs over them, as the API shows them. */
import { parseShopDomain } from "../domain/ids.ts";
import type { DeadLetterJob, ItemState, JobItem, MatchCount } from "../services/dead-letters/jobs.ts";
import type { DeadLetterSummary, StoredDeadLetter, TrailEntry } from "../services/dead-letters.ts";
import { matchToWire } from "./dead-letter-query.ts";
import { isoOrNull } from "./time-to-wire.ts";

const queueOf = (origin: string): string | null => (origin.startsWith("queue/") ? origin.slice("queue/".length) : null);

export function letterToWire(letter: DeadLetterSummary) {
  const { id, status, version, origin, topic, shop, subject, errors, attempts, deaths, replays, truncated, received } =
    letter;
  return {
    ...{ id, status, version, origin, queue: queueOf(origin) },
    ...{
      topic,
      shop: parseShopDomain(shop).ok ? shop : null,
      channel: shop,
      correlationId: letter.correlationId,
      eventId: letter.eventId,
      subject,
    },
    ...{ code: errors[0]?.code ?? null, error: errors[0]?.message ?? null },
    errors: errors.map(({ atMs, ...error }) => ({ ...error, at: isoOrNull(atMs) })),
    ...{ attempts, deaths, replays, truncated, received, edited: letter.isEdited },
    occurredAt: isoOrNull(letter.occurredAtMs),
    createdAt: isoOrNull(letter.createdAtMs),
    diedAt: isoOrNull(letter.diedAtMs),
    updatedAt: isoOrNull(letter.updatedAtMs),
    replayedAt: isoOrNull(letter.replayedAtMs),
    outlinedAt: isoOrNull(letter.outlinedAtMs),
    replayDueAt: isoOrNull(letter.replayDueAtMs),
    trail: letter.trail.map(trailToWire),
  };
}

export const wholeLetterToWire = (letter: StoredDeadLetter) => ({
  ...letterToWire(letter),
  payload: letter.payload,
  ...(letter.isEdited ? { original: letter.original } : {}),
});

function trailToWire({ what, atMs, actor, detail, times, lastAtMs }: TrailEntry) {
  const repeated = times === undefined || times < 2 ? {} : { times, lastAt: isoOrNull(lastAtMs ?? atMs) };
  return { what, at: isoOrNull(atMs), actor, detail, ...repeated };
}

export function jobToWire(job: DeadLetterJob) {
  const { id, name, action, trigger, filter, reason, actor, correlationId, status, total, counts } = job;
  const of = (state: ItemState): number => counts[state] ?? 0;
  return {
    ...{ id, name, action, trigger, filter: matchToWire(filter), reason, actor, correlationId, status, total },
    ...{ waiting: of("waiting"), sent: of("sent"), replayed: of("replayed"), diedAgain: of("died_again") },
    ...{ failed: of("failed"), skipped: of("skipped"), discarded: of("discarded"), cancelled: of("cancelled") },
    createdAt: isoOrNull(job.createdAtMs),
    updatedAt: isoOrNull(job.updatedAtMs),
    endedAt: isoOrNull(job.endedAtMs),
  };
}

export const itemToWire = ({ seq, letterId, state, detail, atMs }: JobItem) => ({
  ...{ seq, deadLetter: letterId, state, detail, at: isoOrNull(atMs) },
});

export const foreseenToWire = ({ total, groups, sample, notReplayable }: MatchCount) => ({
  ...{ dryRun: true, total, notReplayable },
  groups: groups.map(({ origin, code, letters }) => ({ origin, queue: queueOf(origin), code, letters })),
  sample: sample.map(letterToWire),
});
