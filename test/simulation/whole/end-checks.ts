/** What must be true when the faults are over and all had time to come to rest. */
import { fromStore, type LocationId } from "../../../src/domain/ids.ts";
import { withheldOf } from "../../../src/domain/replica/owed.ts";
import { truthOf } from "../../../src/domain/replica/truth.ts";
import { check } from "../replica/violation.ts";
import { skuIdOf } from "./catalogue.ts";
import type { Kept } from "./counter-fleet.ts";
import type { World } from "./world.ts";

/** A queue's last retries are minutes apart, and a replay of what died comes within one more. */
const CONVERGENCE_MS_MAX = 15 * 60_000;
/** Calls that one listing may still cost after the faults: what was open, one audit, what both lead to. */
const CALLS_PER_LISTING_MAX = 40;

export function checkEnd(world: World, end: { readonly calls: number; readonly convergenceMs: number }): void {
  const { fleet, clients, events, signals, letters, plan } = world;
  check(world.carts.unanswered === 0, "answered", () => `${world.carts.unanswered} carts were never answered`);
  world.carts.checkEnd();
  check(clients.unanswered === 0, "answered", () => `${clients.unanswered} calls of the API were never answered`);
  check(events.open === 0, "queues", () => `${events.open} events are still on their way`);
  check(signals.open === 0, "queues", () => `${signals.open} signals are still on their way`);
  check(letters.waiting === 0, "dead letters", () => `${letters.waiting} dead letters wait`);
  for (const [key, sku] of [...clients.owed, ...world.carts.owed]) {
    const { sums } = fleet.of(skuIdOf(sku));
    check(sums.applied.has(fromStore(key)), "lost", () => `${key} of ${sku} was never counted`);
  }
  for (const news of world.accepted) {
    const isTaken = fleet.heard.has(news) || letters.superseded.has(news.slice(0, news.indexOf(" ")));
    check(isTaken, "lost", () => `${news} was accepted and never heard`);
  }
  const disagreement = fleet.disagreement();
  check(disagreement === null, "agreement", () => disagreement ?? "");
  check(end.convergenceMs <= CONVERGENCE_MS_MAX, "convergence", () => `it took ${end.convergenceMs / 1_000} s`);
  const callsMax = CALLS_PER_LISTING_MAX * plan.shops * plan.skus;
  check(end.calls <= callsMax, "calls", () => `${end.calls} calls after the last fault`);
  for (const kept of fleet.all.values()) checkCounter(world, kept);
}

function checkCounter(world: World, kept: Kept): void {
  const { sku, checks, node, items } = kept;
  const { state } = checks;
  check(state !== null, "open", () => `${sku} was never connected`);
  for (const [listingId, listing] of state?.merge.listings ?? []) {
    const live = [...listing.hints.values()].filter((hint) => hint.left !== 0).length;
    const pending = [...listing.levels.values()].filter((level) => level.pending.length > 0).length;
    const rest = { live, pending, pushes: listing.open.size, read: listing.read === null ? 0 : 1 };
    const isQuiet = live + pending + rest.pushes + rest.read === 0;
    check(isQuiet, "open", () => `${listingId} is not at rest: ${JSON.stringify(rest)}`);
  }
  checkBuffers(kept);
  const outbox = node.storage.sql.exec("SELECT shop FROM outbox").toArray().length;
  check(outbox === 0, "open", () => `${sku} still has ${outbox} signals outstanding`);
  checks.checkHistory();
  const explained = node.storage.sql.exec<{ hint_id: string; units: number }>(
    "SELECT hint_id, SUM(quantity) AS units FROM attributions GROUP BY listing_id, hint_id",
  );
  for (const { hint_id, units } of explained) {
    const told = world.meaningOf(hint_id)?.quantity ?? 0;
    const isWithin = units * told > 0 && Math.abs(units) <= Math.abs(told);
    check(isWithin, "attribution", () => `${hint_id} tells of ${told} units, and explains ${units}`);
  }
  for (const { locationId, committed, damaged, safetyStock } of state?.shown ?? []) {
    const ours = kept.sums.at(locationId);
    const told = items.reduce((sum, item) => sum + (item.committed.get(locationId) ?? 0), ours.committed);
    check(
      committed === Math.max(0, told),
      "committed",
      () => `${sku} at ${locationId}: ${committed}, all make ${told}`,
    );
    const isRight = damaged === ours.damaged && safetyStock === ours.safetyStock;
    check(isRight, "states", () => `${sku} at ${locationId}: ${damaged} damaged, ${ours.damaged} were told`);
  }
  check(state?.holds.size === 0 && state.counts.size === 0, "open", () => `${sku}: holds or counts are still open`);
  const mirrored = world.redis.read(state?.sku ?? ("" as never));
  if (mirrored === null || state === null) return;
  check(
    mirrored.version === state.version,
    "mirror",
    () => `${sku}: ${mirrored.version} is mirrored, not ${state.version}`,
  );
}

/** What a shop may not show stands in its safety stock, to the unit, and nothing else does. */
function checkBuffers({ sku, checks: { state }, items }: Kept): void {
  if (state === null) return;
  const truth = truthOf(state.merge);
  for (const { stock, listingId } of items) {
    const listing = state.merge.listings.get(listingId);
    const withheld = listing === undefined ? new Map<LocationId, number>() : withheldOf(listing, truth);
    for (const locationId of stock.locationIds) {
      const [aside, kept] = [stock.safetyStock(locationId), withheld.get(locationId) ?? 0];
      check(aside === kept, "buffer", () => `${sku} at ${locationId}: ${listingId} keeps ${aside} back, not ${kept}`);
    }
  }
}
