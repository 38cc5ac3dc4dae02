/** One message to a channel's endpoint, and what it came to. src/channels/webhook/tell-channel.ts makes the call. */
import type { Heard } from "../../domain/reply-beginning.ts";
import type { KnownChannel } from "./channel-directory.ts";

export type ChannelMessageType =
  | "stock.levels"
  | "order.fulfilment"
  | "reorder.requested"
  | "reorder.cancelled"
  | "channel.test";

export type ChannelMessage = {
  readonly type: ChannelMessageType;
  /** JSON, as it is sent. */
  readonly data: unknown;
  /** What makes it this message: the same text for every try of the same content. */
  readonly content: string;
  /** Waits for no slot of the channel's pace. */
  readonly urgent: boolean;
};

export type ChannelCalled =
  | ({ readonly kind: "taken" } & Heard)
  /** 410: the receiver wants no more. */
  | ({ readonly kind: "gone" } & Heard)
  /** It will say the same again. `isAboutContent`: part of what was sent may be at fault, not all of it. */
  | ({ readonly kind: "refused"; readonly reason: string; readonly isAboutContent: boolean } & Heard)
  /** Tried again. */
  | ({ readonly kind: "failed"; readonly reason: string } & Heard)
  /** Not called: its breaker, its pace. */
  | { readonly kind: "wait"; readonly untilMs: number | null; readonly reason: string };

/** Never rejects. */
export type CallChannel = (known: KnownChannel, message: ChannelMessage) => Promise<ChannelCalled>;
