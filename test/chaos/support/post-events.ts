/** Events that no simulated channel would post so: made, signed and posted by a test. */
import { postSigned, WRONG_SECRET } from "../../../dev/channel-link/post-signed.ts";
import type { OutgoingEvent } from "../../../dev/channel-link/wire.ts";
import type { Trading } from "./trading.ts";

export type EventsPosted = {
  readonly channel: string;
  readonly events: OutgoingEvent | readonly OutgoingEvent[];
  readonly webhookId: string;
  /** Left out: the channel's own. */
  readonly secret?: string;
  /** When it says that it was signed; left out: now. */
  readonly at?: Date;
};

export type EventsAnswer = {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: {
    readonly duplicate?: boolean;
    readonly accepted?: number;
    readonly rejected?: number;
    readonly code?: string;
  };
};

export async function postEvents(trading: Trading, posted: EventsPosted): Promise<EventsAnswer> {
  const { channel, events, secret = trading.secrets.get(channel) ?? WRONG_SECRET, ...post } = posted;
  const url = trading.eventsUrl(channel);
  const response = await postSigned({ ...post, url, secret, body: JSON.stringify(events) });
  const answered = (await response.json()) as EventsAnswer["body"];
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body: answered };
}

let orders = 0;

/** A till's sale, handed over at once; of `more` further lines. */
export function saleEvent(sku: string, quantity: number, more: readonly { sku: string; quantity: number }[] = []) {
  orders += 1;
  const orderId = `posted-${orders}`;
  const lines = [{ sku, quantity }, ...more].map((line, i) => ({ line: `${i + 1}`, ...line, fulfilled: true }));
  const occurredAt = new Date().toISOString();
  return {
    id: `order.created:${orderId}`,
    type: "order.created",
    occurredAt,
    data: { orderId, locationId: "STORE-1", lines },
  };
}
