/** Shopify over `fetch`, for the object under test: the journal's model of it, in Shopify's words on the wire. */
import { vi } from "vitest";
import type { AdjustPayload, LevelsPayload, ShopifyReply } from "../../../src/domain/shop-gate/reply.ts";
import { ModelShopify } from "../../support/shop-gate/model-shopify.ts";

type Variables = Readonly<Record<string, unknown>> & { readonly ids?: readonly string[] };

export class ScriptedShopify {
  readonly model = new ModelShopify(() => Date.now());
  readonly requests: { readonly url: string; readonly headers: Headers; readonly body: string }[] = [];
  /** Numbers of the requests (from 1) that are heard, and whose reply never comes. */
  readonly hangAt = new Set<number>();
  /** Never answers any more. */
  isSilent = false;

  /** Every request of the Worker goes here until `vi.restoreAllMocks()`. */
  listen(): this {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      return this.#answer(url, new Headers(init?.headers as HeadersInit), String(init?.body ?? ""));
    });
    return this;
  }

  get adjustments(): readonly { readonly key: string; readonly variables: string }[] {
    return this.model.requests;
  }

  #answer(url: string, headers: Headers, body: string): Promise<Response> {
    this.requests.push({ url, headers, body });
    const answer = url.endsWith("/admin/oauth/access_token") ? this.#grant() : this.#graphql(headers, body);
    const isHung = this.isSilent || this.hangAt.has(this.requests.length);
    return isHung ? new Promise(() => {}) : Promise.resolve(answer);
  }

  #grant(): Response {
    const reply = this.model.grant();
    if (reply.kind !== "granted") return Response.json({ error: reply.code }, { status: 400 });
    return Response.json({ access_token: reply.accessToken, expires_in: reply.expiresInSeconds });
  }

  #graphql(headers: Headers, body: string): Response {
    const { query, variables } = JSON.parse(body) as { query: string; variables: Variables };
    const token = headers.get("X-Shopify-Access-Token") ?? "";
    const plain = JSON.parse(JSON.stringify(variables).replaceAll(/gid:\/\/shopify\/[A-Za-z]+\//g, "")) as Variables;
    if (query.includes("inventoryAdjustQuantities")) {
      return wire(this.model.adjust(token, JSON.stringify(plain)), adjustData);
    }
    if (query.includes("inventoryMoveQuantities")) {
      return wire(this.model.move(token, JSON.stringify(plain)), moveData);
    }
    if (plain.ids === undefined) return wire(this.model.plain(token), (data) => data);
    const locations = Object.entries(plain).flatMap(([name, value]) => (/^l\d+$/.test(name) ? [value as string] : []));
    const items = plain.ids;
    const reply = this.model.readLevels(token, items as never, locations as never);
    return wire(reply, (levels) => levelsData(levels, items, locations));
  }
}

function wire<Data>(reply: ShopifyReply<Data>, dataOf: (data: Data) => unknown): Response {
  switch (reply.kind) {
    case "no_reply":
    case "unreadable":
      throw new TypeError("connection reset");
    case "status": {
      const headers = reply.retryAfterSeconds === null ? {} : { "Retry-After": String(reply.retryAfterSeconds) };
      return Response.json({ errors: "refused" }, { status: reply.status, headers });
    }
    case "graphql": {
      const { cost } = reply;
      const errors = reply.errors.map(({ code, message }) => ({ message, extensions: { code } }));
      return Response.json({
        ...(reply.data === null ? {} : { data: dataOf(reply.data) }),
        ...(errors.length > 0 ? { errors } : {}),
        extensions: {
          cost: cost && {
            requestedQueryCost: cost.requested,
            actualQueryCost: cost.actual,
            throttleStatus: {
              maximumAvailable: cost.maximum,
              currentlyAvailable: cost.available,
              restoreRate: cost.restorePerSecond,
            },
          },
        },
      });
    }
  }
}

const adjustData = (payload: AdjustPayload) => ({ inventoryAdjustQuantities: payloadData(payload) });
const moveData = (payload: AdjustPayload) => ({ inventoryMoveQuantities: payloadData(payload) });

const payloadData = ({ group, userErrors }: AdjustPayload) => ({
  inventoryAdjustmentGroup: group && {
    id: "gid://shopify/InventoryAdjustmentGroup/1",
    createdAt: group.createdAtMs === null ? null : new Date(group.createdAtMs).toISOString(),
    changes: group.changes.map(({ name, delta, item, location, quantityAfter }) => ({
      name,
      delta,
      quantityAfterChange: quantityAfter,
      item: { id: `gid://shopify/InventoryItem/${item}` },
      location: { id: `gid://shopify/Location/${location}` },
    })),
  },
  userErrors: userErrors.map(({ code, message, row }) => ({
    code,
    message,
    field: row === null ? ["input"] : ["input", "changes", String(row), "locationId"],
  })),
});

const levelsData = (levels: LevelsPayload, items: readonly string[], locations: readonly string[]) => ({
  nodes: items.map((item) => {
    const told = levels.get(item) ?? [];
    const aliases = locations.map((location, index) => {
      const level = told.find((each) => each.location === location);
      if (level === undefined) return [`l${index}`, null];
      const updatedAt = new Date(level.atMs).toISOString();
      const quantities = [
        { name: "available", quantity: level.available, updatedAt },
        { name: "committed", quantity: level.committed, updatedAt: null },
      ];
      return [`l${index}`, { updatedAt, quantities }];
    });
    return { id: `gid://shopify/InventoryItem/${item}`, ...Object.fromEntries(aliases) };
  }),
});
