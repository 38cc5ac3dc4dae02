/**
 * What happens in the shops, and what the counter hears of it: two routes that lose, repeat, delay and disorder. A
 * level snapshot carries the newest state, coalesced; a hint carries the order's own time, which is not the level's.
 */
import { fromStore, type HintId, type ListingId, type LocationId } from "../../../src/domain/ids.ts";
import type { MergeEvent } from "../../../src/domain/replica/events.ts";
import type { Shown } from "./evidence.ts";
import type { Figures } from "./figures.ts";
import type { Answer } from "./gate.ts";
import type { Faults, Plan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import { ShopModel, type Version } from "./shopify.ts";
import type { Timeline } from "./timeline.ts";

/** Worst distance between an order's own time and the change of stock, either way. */
const ORDER_SKEW_MS_MAX = 1_500;

/** Changes in one burst. */
const BURST = 4;

export type TrafficDeps = {
  readonly plan: Plan;
  readonly prng: Prng;
  readonly timeline: Timeline;
  readonly figures: Figures;
  readonly locations: readonly LocationId[];
  readonly faults: () => Faults | null;
  readonly deliver: (answer: Answer) => void;
  readonly sell: (locationId: LocationId, quantity: number) => void;
  readonly move: (locationId: LocationId, delta: number) => void;
  readonly changed: () => void;
};

type HintText = { readonly quantity: number; readonly locationId: LocationId | null; readonly commits: boolean };

export class Traffic {
  readonly shops = new Map<ListingId, ShopModel>();
  readonly #deps: TrafficDeps;
  readonly #coalescing = new Set<string>();
  /** The notice that tells of a genuine version; versions that no notice tells of are missing. */
  readonly #causes = new Map<string, HintId>();
  readonly #effects = new Map<HintId, Shown>();
  readonly #told = new Set<HintId>();
  #hints = 0;

  constructor(deps: TrafficDeps) {
    this.#deps = deps;
  }

  /** The first shop's stock is adopted; the others show it, some of them from later on. */
  connectShops(): void {
    const { plan, prng, timeline } = this.#deps;
    for (let k = 0; k < plan.shops; k++) {
      const atMs = k > 0 && prng.chance(0.25) ? prng.int(0, plan.spanMs) : 0;
      if (atMs === 0) this.#connect(k);
      else timeline.at(atMs, () => this.#connect(k));
    }
  }

  #connect(k: number): void {
    const { plan, prng, timeline, locations, deliver } = this.#deps;
    const listingId = fromStore<ListingId>(`S${k + 1}`);
    const shop = new ShopModel({
      listingId,
      resolutionMs: plan.resolutionMs,
      jitter: () => (plan.jitterMs === 0 ? 0 : prng.int(0, plan.jitterMs)),
      changed: (locationId, version) => this.#planSnapshot(shop, locationId, version),
    });
    this.shops.set(listingId, shop);
    for (const locationId of locations) {
      const available = prng.int(0, plan.stockMax);
      const { atMs, n } = shop.open(locationId, { available, genuine: k === 0 ? available : 0 }, timeline.nowMs);
      // Asked to adopt or not: a location has one pool, and the first shop has brought it.
      const kind = k === 0 || prng.chance(0.3) ? "adopt" : "mirror";
      deliver({ event: { kind, listingId, locationId, available, atMs }, shows: [{ listingId, locationId, n }] });
    }
  }

  planChanges(): void {
    const { plan, prng, timeline } = this.#deps;
    let burstAtMs = 0;
    for (let k = 0; k < plan.changes; k++) {
      if (k % BURST === 0) burstAtMs = prng.int(100, plan.spanMs);
      const atMs = plan.burstMs === 0 ? prng.int(100, plan.spanMs) : burstAtMs + prng.int(0, plan.burstMs);
      timeline.at(atMs, () => this.#somethingHappens());
    }
    for (let k = 0; k < plan.ownMoves; k++) timeline.at(prng.int(100, plan.spanMs), () => this.#weMove());
  }

  /** Whether a notice of every genuine change between two versions has reached us. */
  isAnnounced({ listingId }: ShopModel, locationId: LocationId, [from, to]: readonly [Version, Version]): boolean {
    const shop = this.shops.get(listingId);
    for (let n = from.n + 1; shop !== undefined && n <= to.n; n++) {
      if (shop.version(locationId, n).genuine === shop.version(locationId, n - 1).genuine) continue;
      const cause = this.#causes.get(`${listingId} ${locationId} ${n}`);
      if (cause === undefined || !this.#told.has(cause)) return false;
    }
    return true;
  }

  /** The change that a notice tells of; null for one that tells of nothing. */
  changeOf(hintId: HintId): Shown | null {
    return this.#effects.get(hintId) ?? null;
  }

  #weMove(): void {
    const { prng, locations, sell, move } = this.#deps;
    const locationId = locations[prng.int(0, locations.length - 1)];
    if (locationId === undefined) return;
    const quantity = prng.int(1, 4);
    const roll = prng.next();
    if (roll < 0.5) sell(locationId, quantity);
    else move(locationId, roll < 0.75 ? -quantity : quantity);
    this.#deps.changed();
  }

  #somethingHappens(): void {
    const { plan, prng } = this.#deps;
    const shop = [...this.shops.values()][prng.int(0, this.shops.size - 1)];
    if (shop === undefined) return;
    const quantity = prng.int(1, 4);
    const roll = prng.next();
    if (prng.chance(plan.undecided)) this.#undecided(shop, this.#anyLocation(shop), prng.pick([quantity, -quantity]));
    else if (roll < 0.62) this.#order(shop, quantity);
    else if (roll < 0.74) this.#orderAndCancel(shop, quantity);
    else if (roll < 0.82) this.#restock(shop, this.#anyLocation(shop), quantity);
    else if (roll < 0.93) this.#genuine(shop, this.#anyLocation(shop), prng.pick([quantity, -quantity]));
    else this.#hint(shop, { quantity: -quantity, locationId: null, commits: true }); // a pre-order that takes no stock
  }

  /** Online orders name no location; those of Shopify's own point of sale do. */
  #order(shop: ShopModel, quantity: number): LocationId {
    const { prng } = this.#deps;
    const named = prng.chance(0.2);
    const locationId = named ? this.#anyLocation(shop) : shop.route(quantity);
    const version = this.#genuine(shop, locationId, -quantity);
    this.#notice(shop, version, locationId, {
      quantity: -quantity,
      locationId: named ? locationId : null,
      commits: true,
    });
    return locationId;
  }

  #orderAndCancel(shop: ShopModel, quantity: number): void {
    const { prng, timeline } = this.#deps;
    const locationId = this.#order(shop, quantity);
    timeline.in(prng.int(50, 6_000), () => {
      this.#restock(shop, prng.chance(0.8) ? locationId : this.#anyLocation(shop), quantity);
    });
  }

  #restock(shop: ShopModel, locationId: LocationId, quantity: number): void {
    const named = this.#deps.prng.chance(0.9) ? locationId : null;
    const version = this.#genuine(shop, locationId, quantity);
    this.#notice(shop, version, locationId, { quantity, locationId: named, commits: true });
  }

  /** A merchant who sets a level, and sets it back, and again: the same values under close stamps. */
  #undecided(shop: ShopModel, locationId: LocationId, delta: number): void {
    const { prng, timeline } = this.#deps;
    let afterMs = 0;
    for (let edit = prng.int(2, 5), sign = 1; edit > 0; edit--, sign = -sign) {
      const change = sign * delta;
      timeline.in(afterMs, () => this.#genuine(shop, locationId, change));
      afterMs += prng.int(5, 120);
    }
  }

  #genuine(shop: ShopModel, locationId: LocationId, delta: number): Version {
    this.#deps.figures.genuineChanges++;
    const version = shop.change(locationId, delta, this.#deps.timeline.nowMs);
    this.#deps.changed();
    return version;
  }

  #notice(shop: ShopModel, version: Version, locationId: LocationId, text: HintText): void {
    const id = this.#hint(shop, text);
    this.#causes.set(`${shop.listingId} ${locationId} ${version.n}`, id);
    this.#effects.set(id, { listingId: shop.listingId, locationId, n: version.n });
    this.#deps.figures.noticedUnits += Math.abs(text.quantity);
  }

  #hint(shop: ShopModel, { quantity, locationId, commits }: HintText): HintId {
    const { prng, timeline, figures } = this.#deps;
    const id = fromStore<HintId>(`h${++this.#hints}`);
    const skewMs = prng.int(-ORDER_SKEW_MS_MAX, ORDER_SKEW_MS_MAX);
    const atMs = shop.stamp(timeline.nowMs + skewMs);
    const event: MergeEvent = { kind: "hint", listingId: shop.listingId, id, atMs, quantity, locationId, commits };
    this.#send({ event, shows: [] }, this.#deps.faults()?.hintLoss ?? 0, () => {
      figures.hintsDelivered++;
      this.#told.add(id);
    });
    return id;
  }

  /** The newest state at the end of the window goes out, not each change. */
  #planSnapshot(shop: ShopModel, locationId: LocationId, changed: Version): void {
    const { plan, timeline } = this.#deps;
    const level = `${shop.listingId} ${locationId}`;
    if (plan.coalesceMs === 0) {
      this.#snapshot(shop, locationId, changed);
    } else if (!this.#coalescing.has(level)) {
      this.#coalescing.add(level);
      timeline.in(plan.coalesceMs, () => {
        this.#coalescing.delete(level);
        this.#snapshot(shop, locationId, shop.level(locationId));
      });
    }
  }

  #snapshot({ listingId }: ShopModel, locationId: LocationId, { available, atMs, n }: Version): void {
    const event: MergeEvent = { kind: "snapshot", listingId, locationId, available, atMs };
    this.#send({ event, shows: [{ listingId, locationId, n }] }, this.#deps.faults()?.snapshotLoss ?? 0, () => {});
  }

  #send(answer: Answer, loss: number, arrived: () => void): void {
    const { prng, timeline, faults, deliver } = this.#deps;
    const now = faults();
    const copies = now !== null && prng.chance(now.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (prng.chance(loss)) continue;
      timeline.in(this.#deliveryMs(now), () => {
        arrived();
        deliver(answer);
      });
    }
  }

  #deliveryMs(now: Faults | null): number {
    const { plan, prng } = this.#deps;
    const usualMs = prng.int(20, plan.deliveryMsMax);
    return now !== null && prng.chance(now.late) ? prng.int(usualMs, now.lateMsMax) : usualMs;
  }

  #anyLocation(shop: ShopModel): LocationId {
    const [first, ...others] = shop.locationIds;
    if (first === undefined) throw new Error("shop without location");
    return this.#deps.prng.pick([first, ...others]);
  }
}
