/**
 * A channel: whoever sells, holds or ships the same stock, and what passes between it and us. What each may show and sell
 * of a SKU are its rules (src/domain/policy), which stand apart from it.
 */
import type { ChannelId, LocationId } from "../ids.ts";
import type { ChannelEventType } from "./channel-event.ts";

export const CHANNEL_TYPES = ["shopify", "wms", "pos", "marketplace"] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** The format in which it speaks to us. `onhand`: ours (docs/channels.md). The others are their senders' own. */
export const ADAPTERS = ["onhand", "shopify", "square", "amazon", "shiphero"] as const;
export type AdapterName = (typeof ADAPTERS)[number];

/** `in`: it tells us. `out`: we tell it. */
export const DIRECTIONS = ["in", "out", "both"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A count that differs from ours by more than either waits for a person; null: it never does for that. */
export type CountApproval = { readonly units: number | null; readonly percent: number | null };

/** What we tell it. Orders are those of the channels named, `*`: of all others. */
export type Outbound = {
  readonly levels: boolean;
  readonly orders: readonly (ChannelId | "*")[];
  readonly reorders: boolean;
  /** Levels of one call, 1–500. */
  readonly batchMax: number;
  /** Calls a second, at most; stop-sell and sell-out do not wait for it. */
  readonly callsPerSecond: number;
};

export type Channel = {
  /** Of a Shopify shop its domain, of another one a name of ours. */
  readonly id: ChannelId;
  readonly type: ChannelType;
  readonly adapter: AdapterName;
  /** For people. */
  readonly name: string;
  readonly direction: Direction;
  /** `paused`: what comes is answered 503 and kept by its sender; nothing goes out. */
  readonly state: "active" | "paused";
  /** What comes counts; nothing goes out. */
  readonly readOnly: boolean;
  /** Where we tell it; null: nowhere. */
  readonly endpoint: string | null;
  /** Its names of our locations. A name that is none of these may be our own id of the location. */
  readonly locations: ReadonlyMap<string, LocationId>;
  /** `by_sku`: it sells every SKU under our name. `mapped`: only what its listings name. */
  readonly listings: "by_sku" | "mapped";
  /** What it may tell; null: everything. */
  readonly eventTypes: readonly ChannelEventType[] | null;
  readonly outbound: Outbound;
  readonly countApproval: CountApproval;
  /** Rises with every change, over all channels. */
  readonly revision: number;
};

export const DEFAULT_OUTBOUND: Outbound = {
  levels: true,
  orders: [],
  reorders: false,
  batchMax: 100,
  callsPerSecond: 5,
};

/** Ten units or a tenth: more is rather a slip of whoever counted than a loss. */
export const DEFAULT_COUNT_APPROVAL: CountApproval = { units: 10, percent: 10 };

/** Its stock is a replica, as it decrements itself: what goes out to it goes through a gate, as differences. */
export const hasGate = ({ adapter }: Pick<Channel, "adapter">): boolean =>
  adapter === "shopify" || adapter === "square";

/**
 * Whether it is told what it may show. A channel whose stock is a replica (it decrements itself) is owed differences instead,
 * as a Shopify shop is. One that is read-only is told in all but the call.
 */
export const isToldLevels = ({ adapter, direction, state, endpoint, outbound }: Channel): boolean =>
  outbound.levels && isTold({ adapter, direction, state, endpoint });

/** Whether what is in our own format can go to it, once it is not paused. Behind a gate is somebody who does not speak it. */
export const speaksOurs = ({
  adapter,
  direction,
  endpoint,
}: Pick<Channel, "adapter" | "direction" | "endpoint">): boolean =>
  direction !== "in" && endpoint !== null && !hasGate({ adapter });

/** Whether it is told anything at all now in our own format. */
export const isTold = ({ state, ...channel }: Pick<Channel, "adapter" | "direction" | "state" | "endpoint">): boolean =>
  state === "active" && speaksOurs(channel);
