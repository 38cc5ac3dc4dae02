/** What must be true when the faults are over and all had time to come to rest. */
import { check } from "../replica/violation.ts";
import type { World } from "./world.ts";

/** A queue's last retries are minutes apart, and a replay of what died comes within one more. */
const CONVERGENCE_MS_MAX = 15 * 60_000;
/** Calls that one listing may still cost after the faults: what was open, one audit, what both lead to. */
const CALLS_PER_LISTING_MAX = 40;

export function checkEnd(world: World, end: { readonly calls: number; readonly convergenceMs: number }): void {
  const { fleet, traffic, events, signals, letters, plan } = world;
  check(traffic.unanswered === 0, "answered", () => `${traffic.unanswered} calls of the API were never answered`);
  check(events.open === 0, "queues", () => `${events.open} events are still on their way`);
  check(signals.open === 0, "queues", () => `${signals.open} signals are still on their way`);
  check(letters.waiting === 0, "dead letters", () => `${letters.waiting} dead letters wait`);
  for (const [key, { sku, delta }] of traffic.owed) {
    check(fleet.applied.has(`${sku} ${key}`), "lost", () => `${key} (${delta} of ${sku}) was never counted`);
  }
  const disagreement = fleet.disagreement();
  check(disagreement === null, "agreement", () => disagreement ?? "");
  check(end.convergenceMs <= CONVERGENCE_MS_MAX, "convergence", () => `it took ${end.convergenceMs / 1_000} s`);
  const callsMax = CALLS_PER_LISTING_MAX * plan.shops * plan.skus;
  check(end.calls <= callsMax, "calls", () => `${end.calls} calls after the last fault`);
  for (const kept of fleet.all.values()) checkCounter(world, kept);
}

function checkCounter(
  world: World,
  kept: typeof world.fleet.all extends ReadonlyMap<unknown, infer K> ? K : never,
): void {
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
  const outbox = node.storage.sql.exec("SELECT shop FROM outbox").toArray().length;
  check(outbox === 0, "open", () => `${sku} still has ${outbox} signals outstanding`);
  checks.checkHistory();
  for (const { locationId, committed } of state?.shown ?? []) {
    const told = items.reduce((sum, item) => sum + (item.committed.get(locationId) ?? 0), 0);
    check(committed === told, "committed", () => `${sku} at ${locationId}: ${committed}, the shops say ${told}`);
  }
  const mirrored = world.redis.read(state?.sku ?? ("" as never));
  if (mirrored === null || state === null) return;
  check(
    mirrored.version === state.version,
    "mirror",
    () => `${sku}: ${mirrored.version} is mirrored, not ${state.version}`,
  );
}
