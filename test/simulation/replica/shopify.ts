/**
 * Model of one shop's stock of one item: what is really there, every version it ever had, and the snapshots that
 * Shopify sends. It keeps what Onhand can only infer: which part of each version Shopify itself changed.
 */
import type { ListingId, LocationId, PushKey } from "../../../src/domain/ids.ts";
import type { PushRow, ReadLevel } from "../../../src/domain/replica/events.ts";
import type { PushKind } from "../../../src/domain/replica/state.ts";

/** Simulated time 0 in Shopify's stamps. */
export const EPOCH_MS = 1_000_000_000;

export type Version = {
  readonly n: number;
  readonly available: number;
  readonly atMs: number;
  /** Sum of all that Shopify itself changed up to here (the adopted opening stock included). */
  readonly genuine: number;
};

export type ShopOptions = {
  readonly listingId: ListingId;
  readonly resolutionMs: number;
  /** Disorder of one stamp, in ms. */
  readonly jitter: () => number;
  /** Tells that a level has a new version. */
  readonly changed: (locationId: LocationId, version: Version) => void;
};

export type AppliedPush = { readonly atMs: number; readonly after: ReadonlyMap<LocationId, Version> };

export class ShopModel {
  readonly listingId: ListingId;
  readonly #options: ShopOptions;
  readonly #levels = new Map<LocationId, Version[]>();
  readonly #applied = new Map<PushKey, AppliedPush>();
  readonly #safetyStock = new Map<LocationId, number>();

  constructor(options: ShopOptions) {
    this.listingId = options.listingId;
    this.#options = options;
  }

  open(locationId: LocationId, opening: { available: number; genuine: number }, nowMs: number): Version {
    const version = { n: 0, ...opening, atMs: this.stamp(nowMs) };
    this.#levels.set(locationId, [version]);
    return version;
  }

  get locationIds(): readonly LocationId[] {
    return [...this.#levels.keys()];
  }

  level(locationId: LocationId): Version {
    const version = this.#levels.get(locationId)?.at(-1);
    if (version === undefined) throw new Error(`no level at ${locationId}`);
    return version;
  }

  version(locationId: LocationId, n: number): Version {
    const version = this.#levels.get(locationId)?.[n];
    if (version === undefined) throw new Error(`no version ${n} at ${locationId}`);
    return version;
  }

  stamp(nowMs: number): number {
    const atMs = EPOCH_MS + nowMs + this.#options.jitter();
    return Math.floor(atMs / this.#options.resolutionMs) * this.#options.resolutionMs;
  }

  /** A change that Shopify makes itself: order, cancellation, restock, edit. */
  change(locationId: LocationId, delta: number, nowMs: number): Version {
    return this.#add(locationId, delta, delta, nowMs);
  }

  /** Units that moves have put aside here. */
  safetyStock(locationId: LocationId): number {
    return this.#safetyStock.get(locationId) ?? 0;
  }

  /** As `@idempotent`: a key applies once, and a repeat is answered with what the first one did. */
  applyPush(
    key: PushKey,
    { kind, rows }: { readonly kind: PushKind; readonly rows: readonly PushRow[] },
    nowMs: number,
  ): { push: AppliedPush; first: boolean } {
    const known = this.#applied.get(key);
    if (known !== undefined) return { push: known, first: false };
    const after = new Map<LocationId, Version>();
    for (const { locationId, delta } of rows) {
      after.set(locationId, this.#add(locationId, delta, 0, nowMs));
      if (kind === "move") this.#safetyStock.set(locationId, this.safetyStock(locationId) - delta);
    }
    const push = { atMs: this.stamp(nowMs), after };
    this.#applied.set(key, push);
    return { push, first: true };
  }

  /** One level as a query shows it: its value with the time of its last change. */
  readLevel(locationId: LocationId): { level: ReadLevel; n: number } {
    const { available, atMs, n } = this.level(locationId);
    return { level: { locationId, available, atMs }, n };
  }

  /** Where an online order falls: the first location that has enough, else the first. */
  route(quantity: number): LocationId {
    const [first] = this.locationIds;
    if (first === undefined) throw new Error("shop without location");
    return this.locationIds.find((id) => this.level(id).available >= quantity) ?? first;
  }

  #add(locationId: LocationId, delta: number, genuine: number, nowMs: number): Version {
    const last = this.level(locationId);
    const version = {
      n: last.n + 1,
      available: last.available + delta,
      genuine: last.genuine + genuine,
      atMs: this.stamp(nowMs),
    };
    this.#levels.get(locationId)?.push(version);
    this.#options.changed(locationId, version);
    return version;
  }
}
