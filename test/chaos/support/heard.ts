/** What sinks heard of requests for more stock, what is known of telling them, and time that passes for it. */
import { onTestFinished } from "vitest";
import { type NotificationSink, startNotificationSink } from "../../../dev/notification-sink/notification-sink.ts";
import type { Trading } from "./trading.ts";
import { waitUntil } from "./wait-until.ts";

export const TOLD_MS_MAX = 40_000;
/** One request that is asked for by hand is two pieces of news. */
export const KINDS = ["reorder.requested", "reorder.received"];

/** What a sink heard of a SKU's request for more stock. */
export const heard = (sink: NotificationSink, sku: string): readonly string[] =>
  KINDS.flatMap((kind) => sink.of(kind, sku).map(() => kind));

export const untilHeard = (sink: NotificationSink, sku: string): Promise<boolean> =>
  waitUntil(() => heard(sink, sku).length >= KINDS.length, TOLD_MS_MAX);

/** Everything that waits to be told is due now, and no message of it is under way; then a minute is over. */
export async function letPausesPass({ calm }: Trading): Promise<void> {
  const { DB } = await calm.stack.worker.bindings();
  await DB.prepare("UPDATE deliveries SET due_at_ms = 0, queued_until_ms = 0 WHERE state IN ('waiting', 'held')").all();
  await calm.minute();
}

type Delivery = {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly dueAt: string;
  readonly history: readonly { readonly outcome: string; readonly reason: string | null }[];
};

export async function deliveriesOf(trading: Trading, destination: string): Promise<readonly Delivery[]> {
  const path = `/v1/destinations/${destination}/deliveries?limit=50`;
  return (await trading.call<{ deliveries: readonly Delivery[] }>("GET", path)).deliveries;
}

/** Another webhook that hears of these SKUs alone. It ends with the test. */
export async function another(
  trading: Trading,
  id: string,
  skus: readonly string[],
  given: { readonly url?: string; readonly digestMinutes?: number; readonly quietHours?: object } = {},
): Promise<NotificationSink> {
  const sink = await startNotificationSink();
  onTestFinished(() => sink.close());
  onTestFinished(() => trading.call("DELETE", `/v1/destinations/${id}`).then(() => {}));
  const put = { type: "webhook", name: id, url: sink.hook, filter: { skus }, ...given };
  const { secret = "" } = await trading.call<{ secret?: string }>("PUT", `/v1/destinations/${id}`, put);
  sink.receiver.secrets = [secret];
  return sink;
}
