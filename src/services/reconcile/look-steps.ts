/** The steps after the screen: each suspect is looked at properly, then reads that were asked for are waited for. */
import type { FindingId, ListingId } from "../../domain/ids.ts";
import { isHealed } from "../../domain/reconcile/after-look.ts";
import type { Run, RunCursor } from "../../domain/reconcile/run.ts";
import { atMost } from "../at-most.ts";
import { type Expectations, expectationsOf, levelAt, lookAtLevels } from "./look-at-levels.ts";
import type { Finding, LevelRef, Progress, ReconcileDeps, StepOutcome } from "./reconcile-deps.ts";
import { reportLooked } from "./report-looked.ts";
import { findingIdOf } from "./screen-rows.ts";

export async function stepLooks(run: Run, cursor: RunCursor, deps: ReconcileDeps): Promise<StepOutcome> {
  const nowMs = deps.nowMs();
  const { listingsPerStep, settleMs } = deps.policy;
  const suspects = await deps.found.suspects(run.id, nowMs, listingsPerStep);
  if (suspects.length === 0) {
    const nextMs = await deps.found.nextLookMs(run.id);
    if (nextMs !== null) return { kind: "progress", cursor, wakeAtMs: nextMs };
    // A dry run has asked for nothing, so there is nothing to wait for.
    return { kind: "progress", cursor: run.isDry ? null : { phase: "settling", untilMs: nowMs + settleMs } };
  }
  const locations = [...new Set(suspects.map(({ location }) => location))];
  const listings = [...new Map(suspects.map((suspect) => [suspect.listingId, suspect])).values()];
  const looked = await lookAtLevels(run.shop, listings, locations, deps);
  if (looked.kind === "refused") return { kind: "failed", reason: `levels: ${looked.code}: ${looked.message}` };
  if (looked.kind !== "ok") return looked;
  const looks = new Map<FindingId, number>(suspects.map(({ id, looks }) => [id, looks]));
  const wanted = looked.value.filter(({ level }) => looks.has(idOf(level)));
  const reported = await reportLooked(run, wanted, (id) => looks.get(id) ?? 0, deps);
  // What could not be told whole, or has no counter any more, is suspected no longer: the next run comes.
  const told = new Set(wanted.map(({ level }) => idOf(level)));
  const untold = suspects.filter(({ id }) => !told.has(id)).map(({ id }) => id);
  return { kind: "progress", cursor, ...reported, cleared: [...reported.cleared, ...untold] };
}

const idOf = ({ item, location }: LevelRef): FindingId => findingIdOf(item, location);

/** Findings checked in one step. */
const CHECKED_MAX = 500;

type Asked = NonNullable<Progress["asked"]>[number];

/**
 * Reads are asked for here, when the findings are written: asked for before, a driver that died in between would find the
 * levels healed, and nothing would tell that they had differed.
 */
export async function stepSettling(
  run: Run,
  cursor: Extract<RunCursor, { readonly phase: "settling" }>,
  deps: ReconcileDeps,
): Promise<StepOutcome> {
  const findings = await deps.found.unhealed(run.id, CHECKED_MAX);
  const expected = await expectationsOf(
    findings.flatMap(({ level }) => level ?? []),
    deps,
  );
  const asked = await askReads(findings, expected, deps);
  const isMended = ({ level, remedy, readsBefore }: Finding): boolean => {
    const listing = level === null ? null : (expected.get(level.listingId) ?? null);
    const at = level === null || listing === null ? null : levelAt(listing, level.location);
    return isHealed(remedy, listing, at, readsBefore);
  };
  const healed = findings.filter(isMended).map(({ id }) => id);
  const rest = findings.filter(({ id }) => !healed.includes(id));
  const nowMs = deps.nowMs();
  // The others wait for a person; a listing that its counter gave up waits for nothing.
  const isWaitedFor = ({ level, remedy }: Finding): boolean =>
    (remedy === "read" || remedy === "wait") && level !== null && expected.has(level.listingId);
  const isWhole = findings.length < CHECKED_MAX;
  const isOver = nowMs >= cursor.untilMs || (isWhole && !rest.some(isWaitedFor));
  const isBusy = !isWhole && asked.length + healed.length > 0;
  return {
    kind: "progress",
    cursor: isOver ? null : cursor,
    healed,
    asked,
    checked: rest.map(({ id }) => id),
    counts: { healed: healed.length },
    ...(isBusy ? {} : { wakeAtMs: nowMs + deps.policy.settleEveryMs }),
  };
}

async function askReads(
  findings: readonly Finding[],
  expected: Expectations,
  deps: ReconcileDeps,
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const listings = new Map<ListingId, LevelRef>();
  for (const { id, level, remedy, readsBefore } of findings) {
    const listing = level === null ? undefined : expected.get(level.listingId);
    if (remedy !== "read" || readsBefore !== null || level === null || listing === undefined) continue;
    listings.set(level.listingId, level);
    asked.push({ id, readsBefore: listing.reads });
  }
  await atMost(deps.policy.counterCallsMax, [...listings.values()], ({ skuId, listingId }) =>
    deps.counters.of(skuId).audit(listingId),
  );
  return asked;
}
