/** A counter and its policy, on the shipped SQL: what is said holds at once, outlives an eviction, and reaches the shop. */
import { describe, expect, it } from "vitest";
import type { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import {
  type ChannelId,
  type CorrelationId,
  fromStore,
  type ListingId,
  type LocationId,
  type ShopDomain,
} from "../../../src/domain/ids.ts";
import { type ChannelRules, DEFAULT_POLICY, DEFAULT_RULES } from "../../../src/domain/policy/sku-policy.ts";
import { deskOn } from "../../support/counter/desk-on.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const START_MS = 1_800_000_000_000;
const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const CHANNEL = fromStore<ChannelId>("a.myshopify.com");
const MARKET = fromStore<ChannelId>("market");
const LISTING = fromStore<ListingId>("a.myshopify.com/1");
const [HERE, THERE] = [fromStore<LocationId>("11"), fromStore<LocationId>("22")];
const correlationId = fromStore<CorrelationId>("c");

class World {
  readonly storage = new SqliteObjectStorage(SKU_COUNTER_SCHEMA);
  nowMs = START_MS;
  signals = 0;
  letters = 0;
  #ids = 0;
  desk = this.#wake();

  constructor(available: readonly [number, number] = [10, 5]) {
    const level = (locationId: LocationId, units: number) => ({
      ...{ locationId, shopLocationId: fromStore<never>(locationId), available: units, committed: 0, atMs: START_MS },
    });
    const levels = [level(HERE, available[0]), level(THERE, available[1])];
    this.desk.connectListing({ sku: fromStore("CUP"), listingId: LISTING, levels, correlationId });
  }

  evict(): void {
    this.desk = this.#wake();
  }

  say(...events: readonly CounterEvent[]) {
    return this.desk.apply(events);
  }

  rules(channel: ChannelId, rules: Partial<ChannelRules> | null) {
    const full = rules === null ? null : { ...DEFAULT_RULES, ...rules };
    return this.say({ kind: "channel_rules", channel, rules: full, correlationId });
  }

  /** What the shop's gate would be handed: kinds and deltas. */
  get work() {
    return this.desk.takeWork(SHOP).pushes.map(({ kind, rows }) => [kind, ...rows.map(({ delta }) => delta)]);
  }

  take(quantity: number, channel: ChannelId | null) {
    this.#ids += 1;
    const cause = { reason: "sale", reference: null, source: "api", actor: "till", correlationId };
    const key = fromStore<never>(`take-${this.#ids}`);
    const request = { key, fingerprint: "", locationId: null, delta: -quantity, allowNegative: false, channel, cause };
    const reply = this.say({ kind: "movement", request: { ...request, occurredAtMs: this.nowMs } });
    return reply.kind === "applied" ? reply.outcomes[0]?.kind : reply.kind;
  }

  #wake(): CounterDesk {
    return deskOn({
      storage: this.storage,
      signalChannel: async () => {},
      signal: async () => {
        this.signals += 1;
      },
      park: async () => {
        this.letters += 1;
      },
      nowMs: () => this.nowMs,
      newId: () => `id-${++this.#ids}`,
    });
  }
}

describe("a counter's policy", () => {
  it("of a shop is owed to it at once, as a move, and a signal says so", () => {
    const world = new World();
    expect(world.rules(CHANNEL, { buffer: { kind: "fixed", units: 7 } })).toMatchObject({
      outcomes: [{ kind: "policy_set" }],
      view: { version: 2 },
    });
    expect(world.signals).toBe(1);
    expect(world.work).toEqual([["move", -2, -5]]);
    // Handed out again after an eviction: the same push, of the same kind.
    world.evict();
    expect(world.work).toEqual([["move", -2, -5]]);
  });

  it("outlives an eviction, whole", () => {
    const world = new World();
    const policy = {
      ...DEFAULT_POLICY,
      strategy: "optimistic" as const,
      channels: new Map([[MARKET, { ...DEFAULT_RULES, cap: 3, excludedLocations: [THERE] }]]),
    };
    world.say({ kind: "policy", policy, correlationId });
    world.say({
      kind: "channel_default",
      channel: CHANNEL,
      rules: { ...DEFAULT_RULES, cap: 1 },
      revision: 4,
      correlationId,
    });
    const before = world.desk.policy();
    world.evict();
    expect(world.desk.policy()).toEqual(before);
    expect(world.desk.policy()).toMatchObject({ policy, defaults: [{ channel: CHANNEL, rules: { cap: 1 } }] });
  });

  it("stops a channel at once and lets it go again, at the shop as in its own takes", () => {
    const world = new World();
    world.say({ kind: "channel_stop", channel: CHANNEL, isStopped: true, correlationId });
    expect(world.work).toEqual([["move", -10, -5]]);
    expect(world.desk.sellable(CHANNEL)?.sellable).toMatchObject({ sellable: 0, withheld: 15, certain: 0 });
    world.say({ kind: "channel_stop", channel: MARKET, isStopped: true, correlationId });
    expect(world.take(1, MARKET)).toBe("insufficient");
    expect(world.take(1, null)).toBe("applied");
    world.say({ kind: "channel_stop", channel: MARKET, isStopped: false, correlationId });
    expect(world.take(1, MARKET)).toBe("applied");
    expect(world.desk.policy()?.policy.channels.has(MARKET)).toBe(false);
  });

  it("follows the channel's defaults where the SKU has no rules of its own, also for a listing that comes later", () => {
    const world = new World();
    const tell = (cap: number | null, revision: number) =>
      world.say({
        kind: "channel_default",
        channel: CHANNEL,
        rules: cap === null ? null : { ...DEFAULT_RULES, cap },
        revision,
        correlationId,
      });
    tell(4, 2);
    expect(world.desk.sellable(CHANNEL)?.sellable).toMatchObject({ sellable: 4, rulesFrom: "channel" });
    tell(9, 1); // an older word, told late
    expect(world.desk.sellable(CHANNEL)?.sellable.sellable).toBe(4);
    world.rules(CHANNEL, { cap: 6 });
    expect(world.desk.sellable(CHANNEL)?.sellable).toMatchObject({ sellable: 6, rulesFrom: "sku" });
    world.rules(CHANNEL, null);
    tell(null, 3);
    expect(world.desk.sellable(CHANNEL)?.sellable).toMatchObject({ sellable: 15, rulesFrom: "nobody" });
  });

  it("is changed for whoever read the current version, and not for anybody else", () => {
    const world = new World();
    const version = world.desk.policy()?.version ?? 0;
    const set = (strategy: "atomic" | "optimistic") =>
      world.say({ kind: "policy", policy: { ...DEFAULT_POLICY, strategy }, expected: { version }, correlationId });
    expect(set("optimistic")).toMatchObject({ outcomes: [{ kind: "policy_set" }] });
    // The other of two editors read the same version.
    expect(set("atomic")).toMatchObject({ outcomes: [{ kind: "version_mismatch" }] });
    expect(world.desk.policy()?.policy.strategy).toBe("optimistic");
  });

  it("bounds a take by what the channel may sell of what is certainly there", () => {
    const world = new World();
    world.rules(MARKET, { buffer: { kind: "fixed", units: 12 } });
    expect(world.desk.sellable(MARKET)?.sellable).toMatchObject({ sellable: 3, certain: 3 });
    expect(world.take(4, MARKET)).toBe("insufficient");
    expect(world.take(3, MARKET)).toBe("applied");
    expect(world.take(1, MARKET)).toBe("insufficient");
    expect(world.take(7, null)).toBe("applied");
  });

  it("owes nothing to a level that Shopify no longer stocks, when all that it lacks is its own buffer", async () => {
    const world = new World();
    world.rules(CHANNEL, { buffer: { kind: "fixed", units: 7 } });
    const [push] = world.desk.takeWork(SHOP).pushes;
    const pushKey = fromStore<never>(push?.pushKey ?? "");
    const applied = { pushKey, listingId: LISTING, kind: "applied", atMs: world.nowMs + 1_000, after: [] } as const;
    await world.desk.gateResults({ pushes: [applied], reads: [] });
    world.nowMs += 60_000;
    world.say({ kind: "audit", listingId: LISTING });
    const [read] = world.desk.takeWork(SHOP).reads;
    const readKey = fromStore<never>(read?.readKey ?? "");
    const level = { location: fromStore<never>(HERE), available: 8, committed: 0, atMs: START_MS + 1_000 };
    await world.desk.gateResults({
      pushes: [],
      reads: [{ readKey, listingId: LISTING, kind: "answered", levels: [level] }],
    });
    expect(world.letters).toBe(0);
    expect(world.desk.levels()).toMatchObject({ available: 15 });
  });

  it("tells of a shop only the places where it sells", () => {
    const world = new World();
    const other = fromStore<ChannelId>("b.myshopify.com");
    expect(world.desk.sellable(CHANNEL)?.sellable.locations.map(({ locationId }) => locationId)).toEqual([HERE, THERE]);
    expect(world.desk.sellable(other)?.sellable).toMatchObject({ sellable: 0, locations: [] });
    expect(world.take(1, other)).toBe("insufficient");
  });
});
