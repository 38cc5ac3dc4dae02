/**
 * Square's inventory as its specification describes it: counts per item and place, batch-create with idempotency keys,
 * batch-retrieve, and a webhook's body for every count that changes. In memory, without a socket: square-simulator.ts serves it.
 */
import * as z from "zod";
import { TillBooks } from "./till-books.ts";

const adjustment = z.strictObject({
  reference_id: z.string().max(255).optional(),
  catalog_object_id: z.string(),
  location_id: z.string(),
  from_state: z.enum(["NONE", "IN_STOCK"]),
  to_state: z.enum(["IN_STOCK", "SOLD", "WASTE"]),
  quantity: z.string().regex(/^\d{1,9}(?:\.\d{1,5})?$/),
  occurred_at: z.iso.datetime({ offset: true }),
});
const changesBody = z.strictObject({
  idempotency_key: z.string().min(1).max(128),
  changes: z
    .array(z.strictObject({ type: z.literal("ADJUSTMENT"), adjustment }))
    .min(1)
    .max(100),
});
const countsBody = z.strictObject({
  catalog_object_ids: z.array(z.string()).optional(),
  location_ids: z.array(z.string()).optional(),
  states: z.array(z.string()).optional(),
  updated_after: z.iso.datetime({ offset: true }).optional(),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(1_000).optional(),
});

type Count = { readonly item: string; readonly location: string; quantity: number; atMs: number };
export type SquareReply = { readonly status: number; readonly body: unknown };
type Adjusted = z.infer<typeof adjustment>;

const DAY_MS = 24 * 60 * 60 * 1_000;

export class SquareModel {
  readonly items = new Set<string>();
  readonly places = new Set<string>();
  /** What its people did. */
  readonly books = new TillBooks();
  /** Bodies of webhooks, in order: whoever has them delivers them, or does not. */
  readonly webhooks: string[] = [];
  /** Adjustments that took effect: one of the same key twice is stock invented. */
  readonly applied: {
    readonly key: string;
    readonly item: string;
    readonly location: string;
    readonly delta: number;
  }[] = [];
  readonly #counts = new Map<string, Count>();
  readonly #kept = new Map<string, { readonly text: string; readonly reply: SquareReply }>();
  readonly #now: () => number;
  readonly #accessToken: string;

  constructor(now: () => number, accessToken: string) {
    this.#now = now;
    this.#accessToken = accessToken;
  }

  /** A physical count: what a clerk found. */
  count(item: string, location: string, quantity: number): void {
    this.items.add(item);
    this.places.add(location);
    const before = this.#counts.get(nameOf(item, location))?.quantity ?? null;
    this.books.count({ item, location, before, found: quantity });
    this.#set(item, location, quantity);
  }

  /** A till sells: the count falls, below zero if it must. */
  sell(item: string, location: string, quantity: number): void {
    this.books.sell(item, quantity);
    this.#set(item, location, this.level(item, location) - quantity);
  }

  level(item: string, location: string): number {
    return this.#counts.get(nameOf(item, location))?.quantity ?? 0;
  }

  levels(): readonly Readonly<Count>[] {
    return [...this.#counts.values()];
  }

  handle(path: string, text: string, authorization: string | null): SquareReply {
    if (authorization !== `Bearer ${this.#accessToken}`)
      return errors(401, { category: "AUTHENTICATION_ERROR", code: "UNAUTHORIZED" });
    if (path === "/v2/inventory/changes/batch-create") return this.#change(text);
    if (path === "/v2/inventory/counts/batch-retrieve") return this.#retrieve(text);
    return errors(404, { category: "INVALID_REQUEST_ERROR", code: "NOT_FOUND" });
  }

  #change(text: string): SquareReply {
    const parsed = changesBody.safeParse(JSON.parse(text));
    if (!parsed.success) return invalid(parsed.error);
    const { idempotency_key: key, changes } = parsed.data;
    const kept = this.#kept.get(key);
    if (kept !== undefined)
      return kept.text === text
        ? kept.reply
        : errors(400, { category: "INVALID_REQUEST_ERROR", code: "IDEMPOTENCY_KEY_REUSED", field: "idempotency_key" });
    const faults = changes.flatMap(
      ({ adjustment: each }, at) => this.#faultOf(each, `changes[${at}].adjustment`) ?? [],
    );
    if (faults.length > 0) return errors(400, ...faults);
    const createdAt = new Date(this.#now()).toISOString();
    const created = changes.map(({ adjustment: each }) => {
      const delta = Number(each.quantity) * (each.from_state === "NONE" ? 1 : -1);
      const { catalog_object_id: item, location_id: location } = each;
      this.applied.push({ key, item, location, delta });
      this.#set(item, location, this.level(item, location) + delta);
      return { type: "ADJUSTMENT", adjustment: { id: crypto.randomUUID(), ...each, created_at: createdAt } };
    });
    const touched = new Set(changes.map(({ adjustment: each }) => nameOf(each.catalog_object_id, each.location_id)));
    const counts = [...touched].flatMap((name) => this.#counts.get(name) ?? []).map(countToWire);
    const reply = { status: 200, body: { counts, changes: created } };
    this.#kept.set(key, { text, reply });
    return reply;
  }

  #faultOf(each: Adjusted, at: string) {
    const category = "INVALID_REQUEST_ERROR";
    if (!this.items.has(each.catalog_object_id))
      return { category, code: "NOT_FOUND", detail: "no such object", field: `${at}.catalog_object_id` };
    if (!this.places.has(each.location_id))
      return { category, code: "INVALID_VALUE", detail: "no such location", field: `${at}.location_id` };
    const occurredMs = Date.parse(each.occurred_at);
    const isInTime = occurredMs <= this.#now() && occurredMs > this.#now() - DAY_MS;
    return isInTime
      ? null
      : { category, code: "INVALID_TIME", detail: "future, or over a day", field: `${at}.occurred_at` };
  }

  #retrieve(text: string): SquareReply {
    const parsed = countsBody.safeParse(JSON.parse(text));
    if (!parsed.success) return invalid(parsed.error);
    const { catalog_object_ids: items, location_ids: places, limit = 1_000, cursor = "0" } = parsed.data;
    const afterMs = Date.parse(parsed.data.updated_after ?? "1970-01-01T00:00:00Z");
    const all = this.levels().filter(
      ({ item, location, atMs }) =>
        (items?.includes(item) ?? true) && (places?.includes(location) ?? true) && atMs > afterMs,
    );
    const from = Number(cursor);
    const counts = all.slice(from, from + limit).map(countToWire);
    return { status: 200, body: { counts, ...(from + limit < all.length ? { cursor: String(from + limit) } : {}) } };
  }

  #set(item: string, location: string, quantity: number): void {
    const count = { item, location, quantity, atMs: this.#now() };
    this.#counts.set(nameOf(item, location), count);
    this.webhooks.push(
      JSON.stringify({
        ...{ merchant_id: "SIMULATED", type: "inventory.count.updated", event_id: crypto.randomUUID() },
        created_at: new Date(this.#now()).toISOString(),
        data: { type: "inventory_counts", id: crypto.randomUUID(), object: { inventory_counts: [countToWire(count)] } },
      }),
    );
  }
}

const nameOf = (item: string, location: string): string => `${item}@${location}`;

const countToWire = ({ item, location, quantity, atMs }: Count) => ({
  ...{ catalog_object_id: item, catalog_object_type: "ITEM_VARIATION", location_id: location, state: "IN_STOCK" },
  ...{ quantity: String(quantity), calculated_at: new Date(atMs).toISOString() },
});

type Fault = { readonly category: string; readonly code: string; readonly detail?: string; readonly field?: string };
const errors = (status: number, ...faults: readonly Fault[]): SquareReply => ({ status, body: { errors: faults } });
const invalid = (error: z.ZodError): SquareReply =>
  errors(400, {
    ...{ category: "INVALID_REQUEST_ERROR", code: "BAD_REQUEST" },
    detail: error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
  });
