/**
 * One sender's own format: how its deliveries are verified, and what they say in our words. Pure but for the hash; knows no
 * queue and no store. docs/adapters.md says how to write another one.
 */
import type { AdapterName, Channel } from "../../domain/channel/channel.ts";
import type { ChannelEvent } from "../../domain/channel/channel-event.ts";
import type { LevelEvent } from "../../domain/shop-event.ts";

export type Credentials = Readonly<Record<string, string>>;

/** What a delivery is verified by: its bytes as they came, and its headers. */
export type Delivery = { readonly raw: Uint8Array<ArrayBuffer>; readonly headers: Headers };

export type VerifyReason = "headers_missing" | "signature_mismatch" | "credentials_missing";
/** Why a stranger: for the log, never for the answer. Null: it is the sender. */
export type Verified = VerifyReason | null;

/** What an adapter may ask of the channel that it reads for. */
export type ReadContext = {
  readonly channel: Pick<Channel, "listings" | "eventTypes" | "locations">;
  /** Stable for a redelivery. */
  readonly eventId: string;
  readonly receivedAtMs: number;
};

/**
 * One thing that a delivery tells.
 * `running`: the sender tells a total that grows (received so far, shipped so far). It is cut into ranges, each told once: the
 * event of a range is made when it is known where the last one ended.
 */
export type News =
  | { readonly kind: "event"; readonly event: ChannelEvent }
  | { readonly kind: "level"; readonly event: LevelEvent }
  | {
      readonly kind: "running";
      readonly type: ChannelEvent["type"];
      /** What grows, unique in the channel. */
      readonly subject: string;
      readonly units: number;
      eventOf(range: Range): ChannelEvent;
    };

/** Units `from` (left out) to `to`. */
export type Range = { readonly from: number; readonly to: number };

/** `topic`: of the sender's few; a metric's label. */
export type Projected = { readonly topic: string } & (
  | { readonly kind: "news"; readonly occurredAtMs: number | null; readonly news: readonly News[] }
  /** Rightly shaped, and nothing to count. */
  | { readonly kind: "nothing"; readonly reason: string }
  | { readonly kind: "unreadable"; readonly problems: readonly string[] }
);

export interface Adapter {
  readonly name: Exclude<AdapterName, "onhand" | "shopify">;
  verify(delivery: Delivery, credentials: Credentials): Promise<Verified>;
  /** The sender's own name of the event; null: it has none, and its body is its name. */
  eventId(body: unknown, headers: Headers): string | null;
  project(body: unknown, context: ReadContext): Projected;
  /** Fields that may be kept of a body that cannot be read: ids, numbers, times. No field of a person. */
  readonly keptFields: ReadonlySet<string>;
  /** What it wants to hear. */
  readonly answer: string;
}
