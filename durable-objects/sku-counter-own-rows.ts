/**
 * What a counter keeps of its own units: states per location, holds, waiting counts, and the facets that there is one of
 * (policy, leases, oversell). Read once, written by difference.
 */
import type { WaitingCount } from "../src/domain/counter/count.ts";
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import type { HeldCount } from "../src/domain/counter/held-count.ts";
import type { Hold } from "../src/domain/counter/hold.ts";
import { type LeaseState, NO_LEASES } from "../src/domain/counter/lease.ts";
import { NO_OUTBOUND, type OutboundChannel } from "../src/domain/counter/outbound.ts";
import type { Oversell } from "../src/domain/counter/oversell.ts";
import type { OwnBook } from "../src/domain/counter/own-book.ts";
import { NO_REORDERS, type ReorderState } from "../src/domain/counter/reorder.ts";
import { NO_WATCH, type ScopeWatch, type WatchState } from "../src/domain/counter/stock-watch.ts";
import type { Scope } from "../src/domain/counter/thresholds.ts";
import type { ChannelId, LocationId, MovementKey } from "../src/domain/ids.ts";
import { type ChannelDefault, NO_DEFAULTS } from "../src/domain/policy/effective-rules.ts";
import { parsePolicy, policyToJson } from "../src/domain/policy/parse-policy.ts";
import { DEFAULT_POLICY, type SkuPolicy } from "../src/domain/policy/sku-policy.ts";
import type { Sql } from "./object-storage.ts";

export type OwnParts = Pick<
  CounterState,
  "own" | "holds" | "leases" | "counts" | "policy" | "defaults" | "outbound" | "oversell" | "held" | "watch" | "reorder"
>;

type Row = { name: string; state: string };
type WatchJson = Omit<WatchState, "scopes"> & { readonly scopes: readonly (readonly [Scope, ScopeWatch])[] };
type DefaultsJson = readonly (readonly [ChannelId, ChannelDefault])[];

export function readOwnParts(sql: Sql): OwnParts {
  const facets = new Map(
    sql
      .exec<Row>("SELECT name, state FROM facets")
      .toArray()
      .map((row) => [row.name, row.state]),
  );
  const facet = <Value>(name: string): Value | null => {
    const state = facets.get(name);
    return state === undefined ? null : (JSON.parse(state) as Value);
  };
  const own = sql.exec<Row>("SELECT location_id AS name, state FROM own_states").toArray();
  const holds = sql.exec<Row>("SELECT hold_id AS name, state FROM holds ORDER BY hold_id").toArray();
  const outbound = sql.exec<Row>("SELECT channel AS name, state FROM outbound").toArray();
  const counts = sql.exec<Row>("SELECT key AS name, state FROM counts").toArray();
  const held = sql.exec<Row>("SELECT key AS name, state FROM held_counts").toArray();
  return {
    own: new Map(own.map(({ name, state }) => [name as LocationId, JSON.parse(state) as OwnBook])),
    holds: new Map(holds.map(({ name, state }) => [name as Hold["id"], JSON.parse(state) as Hold])),
    counts: new Map(counts.map(({ name, state }) => [name as MovementKey, JSON.parse(state) as WaitingCount])),
    held: new Map(held.map(({ name, state }) => [name as MovementKey, JSON.parse(state) as HeldCount])),
    watch: watchOf(facet<WatchJson>("watch")),
    reorder: { ...NO_REORDERS, ...facet<ReorderState>("reorder") },
    leases: facet<LeaseState>("leases") ?? NO_LEASES,
    policy: policyOf(facet("policy")),
    defaults: new Map(facet<DefaultsJson>("channel_defaults") ?? []),
    outbound: new Map(outbound.map(({ name, state }) => [name as ChannelId, JSON.parse(state) as OutboundChannel])),
    oversell: facet<Oversell>("oversell"),
  };
}

const watchOf = (stored: WatchJson | null): WatchState =>
  stored === null ? NO_WATCH : { ...NO_WATCH, ...stored, scopes: new Map(stored.scopes) };

/** It was parsed when it was set: what cannot be read now was written by another version, and must not stop a counter. */
function policyOf(stored: unknown): SkuPolicy {
  const parsed = stored === null ? null : parsePolicy(stored);
  return parsed?.ok === true ? parsed.value : DEFAULT_POLICY;
}

export function writeOwnParts(sql: Sql, before: OwnParts | null, after: OwnParts): void {
  writeEntries(sql, "own_states", "location_id", before?.own, after.own);
  writeEntries(sql, "holds", "hold_id", before?.holds, after.holds);
  writeEntries(sql, "counts", "key", before?.counts, after.counts);
  writeEntries(sql, "outbound", "channel", before?.outbound ?? NO_OUTBOUND, after.outbound);
  writeEntries(sql, "held_counts", "key", before?.held, after.held);
  const { watch, reorder } = after;
  writeFacet(sql, "watch", before?.watch ?? NO_WATCH, watch, { ...watch, scopes: [...watch.scopes] });
  writeFacet(sql, "reorder", before?.reorder ?? NO_REORDERS, reorder, reorder);
  writeFacet(sql, "leases", before?.leases, after.leases, after.leases);
  writeFacet(sql, "oversell", before?.oversell ?? null, after.oversell, after.oversell);
  writeFacet(sql, "channel_defaults", before?.defaults ?? NO_DEFAULTS, after.defaults, [...after.defaults]);
  writeFacet(sql, "policy", before?.policy ?? DEFAULT_POLICY, after.policy, policyToJson(after.policy));
}

function writeEntries<Value>(
  sql: Sql,
  table: "own_states" | "holds" | "counts" | "outbound" | "held_counts",
  key: "location_id" | "hold_id" | "key" | "channel",
  before: ReadonlyMap<string, Value> | undefined,
  after: ReadonlyMap<string, Value>,
): void {
  if (before === after) return;
  for (const [name, value] of after) {
    if (before?.get(name) === value) continue;
    sql.exec(`INSERT OR REPLACE INTO ${table} (${key}, state) VALUES (?, ?)`, name, JSON.stringify(value));
  }
  for (const name of before?.keys() ?? [])
    if (!after.has(name)) sql.exec(`DELETE FROM ${table} WHERE ${key} = ?`, name);
}

function writeFacet(sql: Sql, name: string, before: unknown, after: unknown, json: unknown): void {
  if (before === after) return;
  sql.exec("INSERT OR REPLACE INTO facets (name, state) VALUES (?, ?)", name, JSON.stringify(json));
}
