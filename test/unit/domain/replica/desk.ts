/**
 * A merge on a desk: short words for what happens, so that a test reads like its story. Stamps are Shopify's seconds
 * (`atS`), our clock is `nowMs`; the two share no zero. Nothing is decided here.
 */
import {
  fromStore,
  type HintId,
  type ListingId,
  type LocationId,
  type PushKey,
  type ReadKey,
} from "../../../../src/domain/ids.ts";
import { type ChannelRules, DEFAULT_RULES } from "../../../../src/domain/policy/sku-policy.ts";
import { emptyMerge } from "../../../../src/domain/replica/connect.ts";
import type { Attribution, MergeEvent, Settlement, Want } from "../../../../src/domain/replica/events.ts";
import { applyEvents } from "../../../../src/domain/replica/merge.ts";
import { nextTickMs } from "../../../../src/domain/replica/next-tick.ts";
import { openPushes, startPush, startRead, wants } from "../../../../src/domain/replica/start.ts";
import type {
  LevelReplica,
  ListingReplica,
  MergeState,
  MergeWindows,
  PushKind,
} from "../../../../src/domain/replica/state.ts";
import { floorTotal, targetsOf, truthOf } from "../../../../src/domain/replica/truth.ts";
import { MERGE_WINDOWS } from "../../../../src/domain/replica/windows.ts";

const SHOPIFY_EPOCH_MS = 1_000_000_000;
const OUR_START_MS = 5_000_000;

export const stampMs = (atS: number): number => SHOPIFY_EPOCH_MS + Math.round(atS * 1_000);
export const shopId = (name: string): ListingId => fromStore<ListingId>(name);
export const placeId = (name: string): LocationId => fromStore<LocationId>(name);

/** Units per location name. */
export type Units = { readonly [location: string]: number };

export type HintOptions = { readonly at?: string; readonly commits?: boolean; readonly explained?: number };

export class Desk {
  state: MergeState;
  nowMs = OUR_START_MS;
  readonly windows: MergeWindows;
  readonly settlements: Settlement[] = [];
  readonly attributions: Attribution[] = [];
  /** What the books would know of a hint that comes again. */
  readonly #explained = new Map<string, number>();
  #reads = 0;
  #pushes = 0;

  /** Connects the first shop by adoption and the others as mirrors that show the right level already, at second 0. */
  constructor(shops: { readonly [shop: string]: Units }, windows: Partial<MergeWindows> = {}) {
    this.windows = { ...MERGE_WINDOWS, ...windows };
    const locations = Object.keys(Object.values(shops)[0] ?? {});
    this.state = emptyMerge(locations.map(placeId));
    for (const [index, [shop, levels]] of Object.entries(shops).entries()) {
      for (const [location, available] of Object.entries(levels)) {
        this.apply({
          kind: index === 0 ? "adopt" : "mirror",
          listingId: shopId(shop),
          locationId: placeId(location),
          available,
          atMs: stampMs(0),
        });
      }
    }
    this.settlements.length = 0;
  }

  apply(...events: readonly MergeEvent[]): void {
    const known = events.map((event) =>
      event.kind === "hint" ? { explained: this.#explainedBy(event), ...event } : event,
    );
    const result = applyEvents(this.state, known, this.nowMs, this.windows);
    this.state = result.state;
    this.settlements.push(...result.settlements);
    this.attributions.push(...result.attributions);
    for (const part of result.attributions) {
      const name = `${part.listingId} ${part.hintId}`;
      this.#explained.set(name, (this.#explained.get(name) ?? 0) + part.quantity);
    }
  }

  #explainedBy({ listingId, id }: MergeEvent & { kind: "hint" }): number {
    return this.#explained.get(`${listingId} ${id}`) ?? 0;
  }

  /** Time passes and the timers that fell due fire. */
  wait(ms: number): void {
    this.nowMs += ms;
    this.apply({ kind: "tick" });
  }

  own(delta: number, location = "L1"): void {
    this.apply({ kind: "own", locationId: placeId(location), delta });
  }

  snapshot(shop: string, available: number, atS: number, location = "L1"): void {
    this.apply(snapshotOf(shop, available, atS, location));
  }

  hint(shop: string, id: string, quantity: number, atS: number, options: HintOptions = {}): void {
    this.apply(hintOf(shop, id, quantity, atS, options));
  }

  /** Starts what is owed; the rows by location, or null when nothing may start. */
  push(shop: string): { readonly key: string; readonly rows: Units } | null {
    const key = `p${++this.#pushes}`;
    const started = startPush(this.state, shopId(shop), fromStore<PushKey>(key), this.nowMs, this.windows);
    if (started === null) return null;
    this.state = started.state;
    return { key, rows: Object.fromEntries(started.rows.map((row) => [row.locationId, row.delta])) };
  }

  /** Somebody says what a shop may show from now on; the rest of the rules is as by default. */
  rule(shop: string, rules: Partial<ChannelRules>): void {
    this.apply({ kind: "rules", listingId: shopId(shop), rules: { ...DEFAULT_RULES, ...rules } });
  }

  /** `push`, with its kind: "move", and the rows. */
  pushKind(shop: string): readonly [PushKind, Units] | null {
    const pushed = this.push(shop);
    const kind = pushed === null ? undefined : this.listing(shop).open.get(fromStore<PushKey>(pushed.key))?.kind;
    return pushed === null || kind === undefined ? null : [kind, pushed.rows];
  }

  /** `atS` null: Shopify told no time. `after`: it told the levels. */
  applied(shop: string, key: string, atS: number | null, after?: Units): void {
    this.apply({
      kind: "push_applied",
      listingId: shopId(shop),
      key: fromStore<PushKey>(key),
      atMs: atS === null ? null : stampMs(atS),
      ...(after === undefined ? {} : { after: new Map(Object.entries(after).map(([id, n]) => [placeId(id), n])) }),
    });
  }

  failed(shop: string, key: string, park: readonly string[] = []): void {
    this.apply({
      kind: "push_failed",
      listingId: shopId(shop),
      key: fromStore<PushKey>(key),
      park: park.map(placeId),
    });
  }

  /** Starts a read; its key, or null when none may start. */
  read(shop: string): string | null {
    const key = `r${++this.#reads}`;
    const state = startRead(this.state, shopId(shop), fromStore<ReadKey>(key), this.nowMs);
    if (state === null) return null;
    this.state = state;
    return key;
  }

  /** Levels as [units, second of their last change]. */
  answered(shop: string, key: string | null, levels: { readonly [location: string]: readonly [number, number] }): void {
    this.apply({
      kind: "read_answered",
      listingId: shopId(shop),
      key: fromStore<ReadKey>(key ?? "none"),
      levels: Object.entries(levels).map(([location, [available, atS]]) => ({
        locationId: placeId(location),
        available,
        atMs: stampMs(atS),
      })),
    });
  }

  readFailed(shop: string, key: string | null): void {
    this.apply({ kind: "read_failed", listingId: shopId(shop), key: fromStore<ReadKey>(key ?? "none") });
  }

  audit(shop: string): void {
    this.apply({ kind: "audit", listingId: shopId(shop) });
  }

  get wants(): { readonly [shop: string]: Want } {
    return Object.fromEntries(wants(this.state, this.nowMs, this.windows));
  }

  /** Ms until the next tick; null when time alone changes nothing any more. */
  get nextTickInMs(): number | null {
    const nextMs = nextTickMs(this.state, this.windows, this.nowMs);
    return nextMs === Number.POSITIVE_INFINITY ? null : nextMs - this.nowMs;
  }

  /** T by location. */
  get truth(): Units {
    return Object.fromEntries(truthOf(this.state).map(({ locationId, available }) => [locationId, available]));
  }

  get floors(): Units {
    return Object.fromEntries(truthOf(this.state).map(({ locationId, floor }) => [locationId, floor]));
  }

  get floorTotal(): number {
    return floorTotal(truthOf(this.state));
  }

  targets(shop: string): Units {
    return Object.fromEntries(targetsOf(this.state, shopId(shop)));
  }

  open(shop: string): { readonly [key: string]: Units } {
    return Object.fromEntries(
      Array.from(openPushes(this.state, shopId(shop)), ([key, { rows }]) => [
        key,
        Object.fromEntries(rows.map((row) => [row.locationId, row.delta])),
      ]),
    );
  }

  listing(shop: string): ListingReplica {
    const listing = this.state.listings.get(shopId(shop));
    if (listing === undefined) throw new Error(`no listing ${shop}`);
    return listing;
  }

  level(shop: string, location = "L1"): LevelReplica {
    const level = this.listing(shop).levels.get(placeId(location));
    if (level === undefined) throw new Error(`${shop} has no level at ${location}`);
    return level;
  }

  /** Units left by hint id. */
  hints(shop: string): Units {
    return Object.fromEntries(Array.from(this.listing(shop).hints, ([id, hint]) => [id, hint.left]));
  }

  /** "h1 −2 of 3": units of a hint that explain a settlement. */
  get explained(): readonly string[] {
    return this.attributions.map(({ hintId, quantity, settlement }) => `${hintId} ${quantity} of ${settlement}`);
  }

  /** "3: 10 → 8": number, before and after. */
  get settled(): readonly string[] {
    return this.settlements.map(({ n, before, after }) => `${n}: ${before} → ${after}`);
  }
}

export function snapshotOf(shop: string, available: number, atS: number, location = "L1"): MergeEvent {
  return { kind: "snapshot", listingId: shopId(shop), locationId: placeId(location), available, atMs: stampMs(atS) };
}

export function hintOf(
  shop: string,
  id: string,
  quantity: number,
  atS: number,
  { at, commits = true, explained }: HintOptions = {},
): MergeEvent {
  return {
    kind: "hint",
    listingId: shopId(shop),
    id: fromStore<HintId>(id),
    atMs: stampMs(atS),
    quantity,
    locationId: at === undefined ? null : placeId(at),
    commits,
    ...(explained === undefined ? {} : { explained }),
  };
}
