/**
 * The steps that find suspects: Shopify's own list of changed levels, a bulk query of everything, or our listings, read page
 * by page.
 */
import type { Sku } from "../../domain/ids.ts";
import { NO_COUNTS, type Run, type RunCounts, type RunCursor } from "../../domain/reconcile/run.ts";
import { reasonOf } from "../../observability/log.ts";
import { lookAtLevels } from "./look-at-levels.ts";
import type { BulkRows, BulkView, ReconcileDeps, StepOutcome, Suspect } from "./reconcile-deps.ts";
import { countLooked, reportLooked } from "./report-looked.ts";
import { knownListings, screenRows, suspectOf } from "./screen-rows.ts";

type At<Phase extends RunCursor["phase"]> = Extract<RunCursor, { readonly phase: Phase }>;

const LOOKS: RunCursor = { phase: "looks" };

/** One page of one location. */
export async function stepChanged(run: Run, cursor: At<"changed">, deps: ReconcileDeps): Promise<StepOutcome> {
  const locations = await deps.listings.locations(run.shop);
  const at = cursor.location === null ? 0 : locations.indexOf(cursor.location);
  const location = locations[at];
  if (location === undefined) return { kind: "progress", cursor: LOOKS };
  const page = await deps.shopOf(run.shop).levelsSince(location, cursor.sinceMs, cursor.after);
  if (page.kind === "refused") return { kind: "failed", reason: `levels: ${page.code}: ${page.message}` };
  if (page.kind !== "ok") return page;
  const { suspects, counts } = await screenRows(run.shop, page.value.rows, deps);
  const held = cursor.location === null ? await heldSuspects(run, deps) : [];
  const { nextAfter } = page.value;
  const next = nextAfter === null ? locations[at + 1] : location;
  return {
    kind: "progress",
    cursor: next === undefined ? LOOKS : { ...cursor, location: next, after: nextAfter },
    suspects: [...held, ...suspects],
    counts,
  };
}

/** What a catch of the gate holds back has not changed at Shopify, so no list of changes names it. */
async function heldSuspects({ shop }: Run, deps: ReconcileDeps): Promise<readonly Suspect[]> {
  const rows = (await deps.shopOf(shop).held()).flatMap((push) => push.rows);
  const listings = await knownListings(
    shop,
    rows.map(({ item }) => item),
    deps,
  );
  return rows.flatMap(({ item, location }) => {
    const listing = listings.get(item);
    return listing === undefined ? [] : [suspectOf(listing, location)];
  });
}

/** Starts the query, waits for it, or reads on in its result. What Shopify refuses is done page by page. */
export async function stepBulk(run: Run, cursor: At<"bulk">, deps: ReconcileDeps): Promise<StepOutcome> {
  const { bulk } = deps.shopOf(run.shop);
  if (bulk === null) return byPages("there is no bulk query", run.counts);
  if (cursor.operation === null) return startBulk(run, cursor, bulk, deps);
  const state = await bulk.bulkState(cursor.operation);
  if (state.kind === "refused") return byPages(`bulk query: ${state.code}: ${state.message}`);
  if (state.kind !== "ok") return state;
  switch (state.value.kind) {
    case "running":
      return { kind: "progress", cursor, wakeAtMs: deps.nowMs() + deps.policy.bulkPollMs };
    case "failed":
      return byPages(`bulk query: ${state.value.reason}`);
    case "done":
      return state.value.url === null
        ? { kind: "progress", cursor: LOOKS }
        : readBulk(run, cursor, state.value.url, bulk, deps);
  }
}

async function startBulk(run: Run, cursor: At<"bulk">, bulk: BulkView, deps: ReconcileDeps): Promise<StepOutcome> {
  const locations = await deps.listings.locations(run.shop);
  const { locationsPerBulkMax, bulkTriesMax, bulkPollMs } = deps.policy;
  if (locations.length === 0) return { kind: "progress", cursor: LOOKS };
  if (locations.length > locationsPerBulkMax) return byPages(`more than ${locationsPerBulkMax} locations`);
  const started = await bulk.startBulk(locations);
  if (started.kind === "later") return started;
  const nowMs = deps.nowMs();
  if (started.kind === "ok") {
    return { kind: "progress", cursor: { ...cursor, operation: started.value }, wakeAtMs: nowMs + bulkPollMs };
  }
  // Others' operations are over in a while; any other refusal is final.
  const isBusy = started.code === "OPERATION_IN_PROGRESS" && cursor.tries + 1 < bulkTriesMax;
  if (!isBusy) return byPages(`bulk query refused: ${started.code}: ${started.message}`);
  return { kind: "progress", cursor: { ...cursor, tries: cursor.tries + 1 }, wakeAtMs: nowMs + bulkPollMs };
}

async function readBulk(
  run: Run,
  cursor: At<"bulk">,
  url: string,
  bulk: BulkView,
  deps: ReconcileDeps,
): Promise<StepOutcome> {
  const { bulkRowsPerStep, bulkPollMs, bulkTriesMax } = deps.policy;
  let part: BulkRows;
  try {
    part = await bulk.bulkRows(url, cursor.offset, bulkRowsPerStep);
  } catch (error) {
    const tries = cursor.tries + 1;
    if (tries >= bulkTriesMax) return byPages(reasonOf(error), run.counts);
    return { kind: "progress", cursor: { ...cursor, tries }, wakeAtMs: deps.nowMs() + bulkPollMs * tries };
  }
  const { suspects, counts } = await screenRows(run.shop, part.rows, deps);
  return {
    kind: "progress",
    cursor: part.isEnd ? LOOKS : { ...cursor, offset: part.offset, tries: 0 },
    suspects,
    counts,
  };
}

/** @param counted  by a result that broke off: its levels are compared anew */
const byPages = (note: string, { listings, levels, suspects, unmapped }: RunCounts = NO_COUNTS): StepOutcome => ({
  kind: "progress",
  cursor: { phase: "listings", after: null },
  counts: { listings: -listings, levels: -levels, suspects: -suspects, unmapped: -unmapped },
  notes: [note],
});

/** These are read now, so the first sight is a proper look already. */
export async function stepListings(run: Run, cursor: At<"listings">, deps: ReconcileDeps): Promise<StepOutcome> {
  const skus = run.scope.kind === "skus" ? run.scope.skus : null;
  const { listingsPerStep } = deps.policy;
  const listings = await deps.listings.page(run.shop, skus, cursor.after, listingsPerStep);
  const notes = skus === null || cursor.after !== null ? [] : await notesOfUnknown(skus, deps);
  const last = listings.at(-1);
  if (last === undefined) return { kind: "progress", cursor: LOOKS, notes };
  const looked = await lookAtLevels(run.shop, listings, null, deps);
  if (looked.kind === "refused") return { kind: "failed", reason: `levels: ${looked.code}: ${looked.message}` };
  if (looked.kind !== "ok") return looked;
  const reported = await reportLooked(run, looked.value, () => 0, deps);
  const isEnd = listings.length < listingsPerStep;
  return {
    kind: "progress",
    ...reported,
    cursor: isEnd ? LOOKS : { ...cursor, after: last.item },
    counts: { ...countLooked(listings, looked.value), ...reported.counts },
    notes,
  };
}

/** A slip in a name would look like a SKU that is right. */
async function notesOfUnknown(skus: readonly Sku[], { catalogue }: ReconcileDeps): Promise<readonly string[]> {
  const { skuIds, fault } = await catalogue.skuIds(skus);
  const unknown = skus.filter((sku) => !skuIds.has(sku));
  return fault !== null || unknown.length === 0 ? [] : [`not in the catalogue: ${unknown.join(", ")}`];
}
