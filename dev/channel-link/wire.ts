/** What passes between Onhand and the simulated channels, as docs/channels.md has it: the side of the channel. */

/** An event for `POST /v1/channels/{id}/events`. */
export type OutgoingEvent = {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** What Onhand posts to a channel's endpoint. */
export type IncomingCall = {
  readonly type: string;
  readonly timestamp: string;
  readonly channel: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export type LevelTold = {
  readonly sku: string;
  readonly itemId: string | null;
  readonly version: number;
  readonly available: number;
  readonly locations: readonly { readonly locationId: string; readonly available: number }[];
};

export type FulfilmentTold = {
  readonly orderId: string;
  readonly orderChannel: string;
  readonly version: number;
  readonly state: "open" | "cancelled";
  readonly lines: readonly {
    readonly line: string;
    readonly sku: string;
    readonly quantity: number;
    readonly locationId: string | null;
  }[];
};

export type ReorderTold = {
  readonly reorderId: string;
  readonly sku: string;
  readonly itemId: string | null;
  readonly locationId: string | null;
  readonly quantity: number;
};
