/**
 * Square: the counts of its inventory. It decrements itself when a till sells and echoes what we push, so its counts are
 * levels of a replica, as Shopify's are. `calculated_at` is when Square received the change that made the count.
 * @see https://developer.squareup.com/docs/inventory-api/webhooks
 * @see https://developer.squareup.com/docs/webhooks/step3validate
 */
import * as z from "zod/mini";
import { inForce } from "../../domain/channel/credentials.ts";
import { fromStore } from "../../domain/ids.ts";
import { stampMs } from "../../domain/stamp.ts";
import type { Adapter, News, Projected } from "./adapter.ts";
import { nothing, problemsOf, unreadable } from "./reading.ts";
import { isHmacOf } from "./signatures.ts";

const COUNTS = "inventory.count.updated";
const TOPIC = `square/${COUNTS}`;

const text = z.string().check(z.minLength(1), z.maxLength(192));
const event = z.object({ type: z.string(), event_id: text });
const time = z.string().check(z.refine((value) => stampMs(value) !== null, "is no time"));
const count = z.object({
  catalog_object_id: text,
  catalog_object_type: z.optional(z.nullable(z.string())),
  location_id: text,
  state: z.string(),
  quantity: z.string(),
  calculated_at: time,
});
const countsEvent = z.object({
  data: z.object({ object: z.object({ inventory_counts: z.array(count).check(z.minLength(1)) }) }),
});

export const square: Adapter = {
  name: "square",
  async verify({ raw, headers }, credentials) {
    const signature = headers.get("x-square-hmacsha256-signature");
    if (signature === null) return "headers_missing";
    const { notification_url: url } = credentials;
    const keys = inForce(credentials, "signature_key");
    if (url === undefined || keys.length === 0) return "credentials_missing";
    return (await isHmacOf([url, raw], signature, keys)) ? null : "signature_mismatch";
  },
  eventId(body) {
    const known = event.safeParse(body);
    return known.success ? known.data.event_id : null;
  },
  project(body) {
    const known = event.safeParse(body);
    if (!known.success) return unreadable("square/unreadable", problemsOf(known.error));
    if (known.data.type !== COUNTS) return nothing("square/other", "topic_not_needed");
    const counts = countsEvent.safeParse(body);
    return counts.success
      ? levelsOf(counts.data.data.object.inventory_counts)
      : unreadable(TOPIC, problemsOf(counts.error));
  },
  keptFields: new Set([
    ...["type", "event_id", "created_at", "data", "object", "id", "inventory_counts"],
    ...["catalog_object_id", "catalog_object_type", "location_id", "state", "quantity", "calculated_at"],
  ]),
  answer: "ok",
};

/** A change of state tells both states: what is not in stock is not ours to show. */
function levelsOf(counts: readonly z.infer<typeof count>[]): Projected {
  const ours = counts.filter(
    ({ state, catalog_object_type: type }) => state === "IN_STOCK" && (type ?? "ITEM_VARIATION") === "ITEM_VARIATION",
  );
  const news: News[] = [];
  const problems: string[] = [];
  for (const [at, each] of ours.entries()) {
    const available = unitsOf(each.quantity);
    if (available === null)
      problems.push(`inventory_counts.${at}.quantity: "${each.quantity.slice(0, 26)}" is no whole number`);
    else news.push({ kind: "level", event: levelOf(each, available) });
  }
  if (problems.length > 0) return unreadable(TOPIC, problems);
  return news.length === 0 ? nothing(TOPIC, "no_quantity") : { kind: "news", topic: TOPIC, occurredAtMs: null, news };
}

const levelOf = (told: z.infer<typeof count>, available: number) => ({
  kind: "level" as const,
  item: fromStore<never>(told.catalog_object_id),
  location: fromStore<never>(told.location_id),
  available,
  atMs: stampMs(told.calculated_at) ?? 0,
});

/** A decimal text of up to five places; only whole units are stock of ours. */
export function unitsOf(quantity: string): number | null {
  const whole = /^(-?\d{1,12})(?:\.0{1,5})?$/.exec(quantity)?.[1];
  return whole === undefined ? null : Number(whole) + 0;
}
