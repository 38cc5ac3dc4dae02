/** Shopify over `fetch` for reconciliations: levels, orders, subscriptions and a bulk query, each by its document's name. */
import { vi } from "vitest";

export type ShopLevel = { available: number; committed: number; atMs: number };
type Variables = Readonly<Record<string, unknown>>;

const RESULT_URL = "https://storage.example/bulk.jsonl";
const secondsOf = (atMs: number): string => new Date(Math.floor(atMs / 1_000) * 1_000).toISOString();

export class ReconcileShopify {
  /** By `item@location`. */
  readonly levels: Map<string, ShopLevel>;
  orders: unknown[] = [];
  readonly asked: string[] = [];
  /** The bulk query is refused with this code. */
  bulkRefusal: string | null = null;
  refusesSubscriptions = false;
  /** Every subscription that was made is there. */
  hasSubscriptions = false;
  readonly #subscriptions = new Map<unknown, object>();

  /** What stays at the shop from one test to the next, as the catalogue does. */
  constructor(levels: Map<string, ShopLevel>) {
    this.levels = levels;
  }

  listen(): this {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      // The runtime refuses some settings that the types allow: making the request says so.
      const request = new Request(input, init);
      if (url === RESULT_URL && request.method === "GET") return new Response(this.#jsonLines());
      if (url.endsWith("/access_token")) return Response.json({ access_token: "shpat_test", expires_in: 86_399 });
      const { query, variables } = JSON.parse(String(init?.body)) as { query: string; variables: Variables };
      const name = /(?:query|mutation) (\w+)/.exec(query)?.[1] ?? "";
      this.asked.push(name);
      return Response.json({ data: this.#answer(name, variables), extensions: { cost: COST } });
    });
    return this;
  }

  set(item: string, location: string, available: number, ageMs = 600_000): void {
    this.levels.set(`${item}@${location}`, { available, committed: 0, atMs: Date.now() - ageMs });
  }

  #answer(name: string, variables: Variables): unknown {
    switch (name) {
      case "OnhandLevels":
        return this.#nodes(variables);
      case "OnhandChangedLevels":
        return this.#changed(variables);
      case "OnhandOrders":
        return { orders: { pageInfo: END, nodes: this.orders } };
      case "OnhandWebhooks":
        return {
          webhookSubscriptions: {
            pageInfo: END,
            nodes: this.hasSubscriptions ? [...this.#subscriptions.values()] : [],
          },
        };
      case "OnhandWebhookCreate": {
        const { uri, format, includeFields } = variables["subscription"] as Variables;
        const made = { id: "gid://shopify/WebhookSubscription/1", topic: variables["topic"], filter: null };
        const webhookSubscription = { ...made, uri, format, includeFields };
        if (this.refusesSubscriptions) {
          const userErrors = [{ field: ["webhookSubscription"], message: "not now" }];
          return { webhookSubscriptionCreate: { webhookSubscription: null, userErrors } };
        }
        this.#subscriptions.set(variables["topic"], webhookSubscription);
        return { webhookSubscriptionCreate: { webhookSubscription, userErrors: [] } };
      }
      case "OnhandAdjust":
        return this.#adjust(variables);
      case "OnhandBulkRun": {
        const errors = this.bulkRefusal === null ? [] : [{ code: this.bulkRefusal, message: "refused" }];
        const bulkOperation = this.bulkRefusal === null ? { id: "gid://shopify/BulkOperation/1" } : null;
        return { bulkOperationRunQuery: { bulkOperation, userErrors: errors } };
      }
      case "OnhandBulkState":
        return { bulkOperation: { status: "COMPLETED", errorCode: null, url: RESULT_URL } };
      default:
        throw new Error(`nobody scripted ${name}`);
    }
  }

  #nodes(variables: Variables): unknown {
    const locations = Object.entries(variables).filter(([name]) => /^l\d+$/.test(name));
    const ids = (variables["ids"] as string[]).map(digits);
    return {
      nodes: ids.map((item) => ({
        id: `gid://shopify/InventoryItem/${item}`,
        ...Object.fromEntries(locations.map(([alias, gid]) => [alias, this.#told(item, digits(String(gid)))])),
      })),
    };
  }

  #changed({ location, query }: Variables): unknown {
    const at = digits(String(location));
    const sinceMs = Date.parse(/'(.+)'/.exec(String(query))?.[1] ?? "");
    const nodes = Array.from(this.levels).flatMap(([name, level]) => {
      const [item = "", place] = name.split("@");
      if (place !== at || level.atMs < sinceMs) return [];
      return [{ item: { id: `gid://shopify/InventoryItem/${item}` }, ...this.#told(item, at) }];
    });
    return { location: { inventoryLevels: { pageInfo: END, nodes } } };
  }

  #adjust({ input }: Variables): unknown {
    const { changes } = input as { changes: { inventoryItemId: string; locationId: string; delta: number }[] };
    const nowMs = Date.now();
    for (const { inventoryItemId, locationId, delta } of changes) {
      const name = `${digits(inventoryItemId)}@${digits(locationId)}`;
      const before = this.levels.get(name);
      if (before !== undefined) this.levels.set(name, { ...before, available: before.available + delta, atMs: nowMs });
    }
    const group = { id: "gid://shopify/InventoryAdjustmentGroup/1", createdAt: secondsOf(nowMs), changes: [] };
    return { inventoryAdjustQuantities: { inventoryAdjustmentGroup: group, userErrors: [] } };
  }

  #jsonLines(): string {
    const items = [...new Set(Array.from(this.levels.keys(), (name) => name.split("@")[0] ?? ""))];
    const rows = items.map((item) => {
      const levels = ["11", "22"].map((place) => [`l${place}`, this.#told(item, place)]);
      return JSON.stringify({ id: `gid://shopify/InventoryItem/${item}`, ...Object.fromEntries(levels) });
    });
    return `${rows.join("\n")}\n`;
  }

  #told(item: string, location: string): object | null {
    const level = this.levels.get(`${item}@${location}`);
    if (level === undefined) return null;
    const updatedAt = secondsOf(level.atMs);
    const committed = { name: "committed", quantity: level.committed, updatedAt: null };
    return { updatedAt, quantities: [{ name: "available", quantity: level.available, updatedAt }, committed] };
  }
}

const END = { hasNextPage: false, endCursor: null };
const COST = {
  requestedQueryCost: 10,
  actualQueryCost: 10,
  throttleStatus: { maximumAvailable: 2_000, currentlyAvailable: 1_990, restoreRate: 100 },
};
const digits = (gid: string): string => /(\d+)$/.exec(gid)?.[1] ?? "";
