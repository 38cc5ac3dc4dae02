/** All counters of a world, with what the model knows of each: what they were shown, what they accepted, what must be. */
import type { CounterDeps, CounterSettings } from "../../../durable-objects/counter-deps.ts";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import { fromStore, type HintId, type ListingId, type LocationId, type SkuId } from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { ApplyOptions, ApplyReply, Counter, Counters } from "../../../src/services/counter-contract.ts";
import type { PushResult, ReadResult } from "../../../src/services/gate-contract.ts";
import { Evidence } from "../replica/evidence.ts";
import type { Prng } from "../replica/prng.ts";
import type { ShopModel } from "../replica/shopify.ts";
import { check } from "../replica/violation.ts";
import { Arithmetic, type Moment } from "./arithmetic.ts";
import { skuIdOf } from "./catalogue.ts";
import { type Booked, CounterChecks } from "./counter-checks.ts";
import { CounterNode } from "./counter-node.ts";
import type { Life } from "./life.ts";
import type { Item, Meaning, Shop } from "./shop.ts";
import type { TaggedLevel } from "./shopify-port.ts";
import type { World } from "./world.ts";

/** A hold that nobody asks about ends with the alarm, which may be late, cut off and rung again; clocks differ, too. */
const ALARM_LATE_MS_MAX = 60_000;

export type FleetDeps = {
  readonly settings: CounterSettings;
  readonly random: Prng;
  /** By webhook, and by hint. */
  readonly meanings: ReadonlyMap<string, Meaning>;
  readonly outside: Pick<CounterDeps, "signal" | "signalChannel" | "report" | "tell" | "mirror" | "park" | "log">;
};

export type Kept = {
  readonly sku: string;
  readonly node: CounterNode;
  readonly checks: CounterChecks;
  readonly evidence: Evidence;
  readonly items: readonly Item[];
  /** What our own channels asked, and were told. */
  readonly sums: Arithmetic;
  mirrored: number;
};

export class CounterFleet {
  readonly all: ReadonlyMap<SkuId, Kept>;
  /** Cause and SKU of all that a counter has taken in. */
  readonly heard = new Set<string>();
  readonly #world: World;
  readonly #deps: FleetDeps;
  #ids = 0;

  constructor(world: World, deps: FleetDeps) {
    this.#world = world;
    this.#deps = deps;
    this.all = new Map(world.skus.map((sku) => [skuIdOf(sku), this.#keep(sku)]));
  }

  get ownMoves(): number {
    return [...this.all.values()].reduce((sum, { sums }) => sum + sums.applied.size, 0);
  }

  of(skuId: SkuId): Kept {
    const kept = this.all.get(skuId);
    if (kept === undefined) throw new Error(`no counter ${skuId}`);
    return kept;
  }

  /** @param life  of the caller: when it is over, nothing comes back to it; null: one that lasts */
  countersFor(life: Life | null): Counters {
    const until = <Value>(work: Promise<Value>): Promise<Value> => (life === null ? work : life.await(work));
    return {
      of: (skuId) => {
        const { node } = this.of(skuId);
        const counter: Pick<Counter, "apply" | "takeWork" | "unpark" | "levels"> = {
          apply: (events, options) => until(this.apply(skuId, events, options)),
          takeWork: (shop) => until(node.call((desk) => desk.takeWork(shop))),
          unpark: (listingId, locationId) => until(this.apply(skuId, [{ kind: "unpark", listingId, locationId }])),
          levels: () => until(node.call((desk) => desk.levels())),
        };
        return counter as Counter;
      },
    };
  }

  /** The import: before anything else happens. */
  connect(shop: Shop, mode: "adopt" | "mirror"): void {
    for (const { listingId, sku, stock } of shop.items) {
      const { node, evidence, checks } = this.of(skuIdOf(sku));
      const levels = stock.locationIds.map((locationId) => {
        const { available, atMs } = stock.level(locationId);
        return { locationId, shopLocationId: fromStore<never>(locationId), available, committed: 0, atMs };
      });
      node.desk.connectListing({ sku: fromStore(sku), listingId, levels, correlationId: fromStore("import"), mode });
      for (const { locationId } of levels) evidence.show({ listingId, locationId, n: 0 });
      this.#world.guarded(() => checks.stepped());
    }
  }

  apply(skuId: SkuId, events: readonly CounterEvent[], options: ApplyOptions = {}): Promise<ApplyReply> {
    const kept = this.of(skuId);
    return kept.node.call((desk) => {
      // Most answer at once, and many events may then be shown at once; who waits for a lease asks for itself alone.
      if ((options.waitMs ?? 0) === 0)
        return this.#hear(kept, events, this.#momentOf(kept), desk.apply(events, { dryRun: options.dryRun === true }));
      const [event] = events;
      return desk.applyPatiently(events, options).then((reply) => {
        return event === undefined ? reply : this.#hear(kept, events, this.#momentOf(kept), reply);
      });
    });
  }

  /** What a gate tells a counter. */
  report(skuId: SkuId, pushes: readonly PushResult[], reads: readonly ReadResult[]): Promise<void> {
    const kept = this.of(skuId);
    return kept.node.call(async (desk) => {
      const heard = reads.filter(({ listingId, readKey }) => kept.checks.hears(listingId, readKey));
      this.#world.log(() => `    ${kept.sku} ← ${JSON.stringify({ pushes, reads })}`);
      await desk.gateResults({ pushes, reads: reads.map(withoutTags) });
      for (const read of heard) {
        if (read.kind !== "answered") continue;
        for (const level of read.levels) {
          const { location, n } = level as unknown as TaggedLevel;
          kept.evidence.show({ listingId: read.listingId, locationId: fromStore(location), n });
        }
      }
    });
  }

  auditAll(): void {
    for (const [skuId, { items }] of this.all) {
      for (const { listingId } of items) void this.apply(skuId, [{ kind: "audit", listingId }]);
    }
  }

  /** What of all is not as it should be; null: every shop shows what all events make, once. */
  disagreement(): string | null {
    for (const { sku, items, checks } of this.all.values()) {
      for (const { locationId, available } of checks.state?.shown ?? []) {
        const once = this.eventsAt(sku, locationId);
        if (available !== once) return `${sku} at ${locationId}: Onhand shows ${available}, all events make ${once}`;
        for (const { stock, listingId } of items) {
          if (!stock.locationIds.includes(locationId)) continue;
          const level = stock.level(locationId).available + stock.safetyStock(locationId);
          if (level !== once) return `${listingId} at ${locationId} shows ${level}, all events make ${once}`;
        }
      }
    }
    return null;
  }

  /** All events of a SKU at a place, once each. */
  eventsAt(sku: string, locationId: LocationId): number {
    const { items, sums, checks } = this.of(skuIdOf(sku));
    let once = sums.at(locationId).ledger;
    for (const hold of checks.state?.holds.values() ?? []) if (hold.locationId === locationId) once -= hold.quantity;
    for (const { stock } of items) {
      if (stock.locationIds.includes(locationId)) once += stock.level(locationId).genuine;
    }
    return once;
  }

  checkMirrored(view: LevelsView, version: number): void {
    const kept = this.of(view.skuId);
    check(version >= kept.mirrored && version === view.version, "mirror", () => {
      return `${kept.sku}: after version ${kept.mirrored} the mirror holds ${view.version}, guarded by ${version}`;
    });
    kept.mirrored = version;
    kept.checks.checkMirrored(view);
  }

  #keep(sku: string): Kept {
    const { settings, random, outside, meanings } = this.#deps;
    const { clock, faults, plan, shops } = this.#world;
    const skuId = skuIdOf(sku);
    const items = shops.flatMap((shop) => shop.items.filter((item) => item.sku === sku));
    const models = new Map<ListingId, ShopModel>(items.map(({ listingId, stock }) => [listingId, stock]));
    const evidence = new Evidence(models);
    const node: CounterNode = new CounterNode({
      ...{ skuId, settings, clock, faults, prng: random, callMsMax: plan.callMsMax, skewMsMax: plan.skewMsMax },
      outages: sku === this.#world.skus[0] ? plan.counterOutages : [],
      outside: { ...outside, newId: () => String(++this.#ids) },
      stepped: () =>
        this.#world.guarded(() => {
          checks.stepped();
          if (checks.state !== null) sums.checkHolds(checks.state, node.nowMs - ALARM_LATE_MS_MAX);
        }),
    });
    const sums = new Arithmetic();
    const booked: Booked = ({ key, kind, locationId, delta }) => {
      if (kind === "count") sums.counted(fromStore(key), locationId, delta);
    };
    const checks = new CounterChecks(skuId, node.storage, evidence, (id: HintId) => meanings.get(id) ?? null, booked);
    return { sku, node, checks, evidence, items, sums, mirrored: 0 };
  }

  #show({ evidence }: Kept, event: CounterEvent): void {
    if (event.kind !== "snapshot") return;
    const meaning = this.#deps.meanings.get(event.correlationId);
    if (meaning !== undefined) evidence.show(meaning);
  }

  #momentOf({ checks, node }: Kept): Moment {
    return { nowMs: node.nowMs, version: checks.state?.version ?? 0 };
  }

  /** What the model learns from a reply, and what must be true of it. */
  #hear(kept: Kept, events: readonly CounterEvent[], moment: Moment, reply: ApplyReply): ApplyReply {
    for (const event of events) {
      this.#show(kept, event);
      if ("correlationId" in event) this.heard.add(`${event.correlationId} ${kept.sku}`);
    }
    if (reply.kind !== "applied") return reply;
    this.#world.log(() => `    ${kept.sku} ← ${JSON.stringify(events)} → ${JSON.stringify(reply.outcomes)}`);
    this.#world.guarded(() => {
      kept.sums.told(events, reply.outcomes, moment);
      kept.checks.stepped();
      kept.checks.accepted(events, reply.outcomes);
      kept.checks.checkShown(reply.view);
      // In the batch that was just booked, what is over ended first.
      if (kept.checks.state !== null) kept.sums.checkHolds(kept.checks.state, moment.nowMs);
    });
    return reply;
  }
}

/** The counter hears what Shopify tells, and not what the model knows. */
function withoutTags(read: ReadResult): ReadResult {
  if (read.kind !== "answered") return read;
  return {
    ...read,
    levels: read.levels.map(({ location, available, committed, atMs }) => ({ location, available, committed, atMs })),
  };
}
