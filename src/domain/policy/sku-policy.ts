/**
 * What may be done with one SKU: how concurrent writers are kept apart, where units are taken from, and what each channel
 * may show and sell. Plain data, stored as one JSON text in the counter (parse-policy.ts).
 */
import type { ChannelId, LocationId } from "../ids.ts";

export type Strategy = "atomic" | "optimistic" | "pessimistic";

/** Where a take that names no location is booked. */
export type Allocation = {
  readonly by: "priority" | "most_stock";
  /** The first gives first. Empty, and for those it does not name: order of import. */
  readonly locations: readonly LocationId[];
  /** Whether one take may be booked at several locations. */
  readonly split: boolean;
};

/** Units kept back from a channel. `percent` is of what could be sold there: whole, 0–100. */
export type Buffer =
  | { readonly kind: "none" }
  | { readonly kind: "fixed"; readonly units: number }
  | { readonly kind: "percentage"; readonly percent: number };

/** What one channel may sell of one SKU. Applied in this order: excluded locations, buffer, zeroBelow, cap, stop. */
export type ChannelRules = {
  readonly buffer: Buffer;
  /** The channel shows 0 when fewer than this are left to it after the buffer (0: off). */
  readonly zeroBelow: number;
  /** At most this many are shown (null: off). */
  readonly cap: number | null;
  readonly excludedLocations: readonly LocationId[];
  /** Stop-sell: nothing is shown, whatever is there. */
  readonly isStopped: boolean;
  /** null: the SKU's. */
  readonly allocation: Allocation | null;
};

export type SkuPolicy = {
  readonly strategy: Strategy;
  readonly allocation: Allocation;
  /** Channels with rules of their own. The others show everything, unless their channel has default rules. */
  readonly channels: ReadonlyMap<ChannelId, ChannelRules>;
  /** Open holds of one API client on this SKU. */
  readonly holdsPerClientMax: number;
  /** Percent (1–100) of what could be sold that one API client may hold: hoarding is not buying. */
  readonly heldShareMax: number;
};

/** Everything is shown. */
export const DEFAULT_RULES: ChannelRules = Object.freeze<ChannelRules>({
  buffer: { kind: "none" },
  zeroBelow: 0,
  cap: null,
  excludedLocations: [],
  isStopped: false,
  allocation: null,
});

export const DEFAULT_POLICY: SkuPolicy = Object.freeze<SkuPolicy>({
  strategy: "atomic",
  allocation: { by: "priority", locations: [], split: false },
  channels: new Map<ChannelId, ChannelRules>(),
  holdsPerClientMax: 100,
  heldShareMax: 100,
});
