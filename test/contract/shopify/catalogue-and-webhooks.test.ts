/** Import and subscriptions against the simulator, which answers by Shopify's real schema. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ShopifySimulator, startShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import { shopifyCatalogueSource } from "../../../src/channels/shopify/catalogue-source.ts";
import { shopifySubscriptions } from "../../../src/channels/shopify/subscriptions-api.ts";
import type { SourceItem } from "../../../src/services/import-catalogue.ts";
import type { GraphqlGate } from "../../../src/services/patient-gate.ts";
import { NEEDED_WEBHOOKS, syncWebhooks } from "../../../src/services/webhook-subscriptions.ts";
import { simulatorGate } from "./support/simulator-gate.ts";

let simulator: ShopifySimulator;
beforeAll(async () => {
  simulator = await startShopifySimulator({ seed: 11 });
  simulator.seedCatalogue({
    skus: 60,
    locations: 3,
    specials: { giftCard: true, untracked: true, blankSku: true, duplicateSku: true, bundle: true },
  });
});
afterAll(() => simulator.close());

describe("the catalogue source", () => {
  it("reads every location and every item, page by page, with levels, stamps and what makes an item odd", async () => {
    const gate = simulatorGate(simulator);
    const source = shopifyCatalogueSource(gate);
    const locations = await source.locations();
    expect(locations.kind === "ok" && locations.value.map(({ id, name, isActive }) => [id, name, isActive])).toEqual(
      simulator.store.locations.map(({ id, name }) => [id, name, true]),
    );
    const items: SourceItem[] = [];
    let cursor: string | null = null;
    do {
      const page = await source.items(cursor);
      if (page.kind !== "ok") throw new Error(JSON.stringify(page));
      items.push(...page.value.items);
      cursor = page.value.nextCursor;
    } while (cursor !== null);
    expect(items.map(({ id }) => id).sort()).toEqual(simulator.store.items.map(({ id }) => id).sort());
    for (const { id, levels } of items) {
      const real = simulator.levels().filter(({ itemId }) => itemId === id);
      expect(
        levels.map(({ location, available, committed, atMs }) => [location, available, committed, atMs]).sort(),
      ).toEqual(
        real
          .map((level) => [
            level.locationId,
            level.available,
            level.committed,
            Math.floor(level.availableAtMs / 1_000) * 1_000,
          ])
          .sort(),
      );
    }
    expect(items.filter(({ variants }) => variants.some(({ isGiftCard }) => isGiftCard))).toHaveLength(1);
    expect(items.filter(({ variants }) => variants.some(({ isBundleParent }) => isBundleParent))).toHaveLength(1);
    expect(items.some(({ isTracked }) => !isTracked)).toBe(true);
    expect(Math.max(...gate.costs)).toBeLessThanOrEqual(250); // the first guess, of the 1,000 that a query may ask for
  });

  it("asks for shorter pages where Shopify finds one too dear, and goes on with that length", async () => {
    const gate = simulatorGate(simulator);
    const asked: unknown[] = [];
    const strict: GraphqlGate = {
      async graphql(request) {
        const { first } = request.variables;
        if (first === undefined) return gate.graphql(request);
        asked.push(first);
        if (Number(first) <= 25) return gate.graphql(request);
        return { kind: "refused", code: "MAX_COST_EXCEEDED", message: "Query cost is too high" };
      },
    };
    const source = shopifyCatalogueSource(strict);
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await source.items(cursor);
      if (page.kind !== "ok") throw new Error(JSON.stringify(page));
      ids.push(...page.value.items.map(({ id }) => id));
      cursor = page.value.nextCursor;
    } while (cursor !== null);
    expect(asked).toEqual([100, 50, 25, 25, 25]);
    expect(ids.sort()).toEqual(simulator.store.items.map(({ id }) => id).sort());
    const never: GraphqlGate = {
      graphql: async () => ({ kind: "refused", code: "MAX_COST_EXCEEDED", message: "too high" }),
    };
    expect(await shopifyCatalogueSource(never).items(null)).toMatchObject({ kind: "refused" });
  });

  it("reads the levels of an item that is stocked at more places than a page shows", async () => {
    const wide = await startShopifySimulator({ seed: 12 });
    wide.seedCatalogue({ skus: 1, locations: 23 });
    const page = await shopifyCatalogueSource(simulatorGate(wide)).items(null);
    expect(page.kind === "ok" && page.value.items[0]?.levels.length).toBe(23);
    await wide.close();
  });
});

const ALL = NEEDED_WEBHOOKS.length;

describe("webhook subscriptions", () => {
  const uri = "http://127.0.0.1:9999/webhooks/shopify";

  it("are created with their fields, and left alone the second time", async () => {
    const api = shopifySubscriptions(simulatorGate(simulator));
    const first = await syncWebhooks(uri, false, api);
    expect(first.kind === "ok" && first.value.changes).toEqual(
      NEEDED_WEBHOOKS.map(({ topic }) => ({ topic, change: "created" })),
    );
    const second = await syncWebhooks(uri, false, api);
    expect(second.kind === "ok" && second.value.changes).toEqual(
      NEEDED_WEBHOOKS.map(({ topic }) => ({ topic, change: "kept" })),
    );
    const listed = await api.list();
    expect(
      listed.kind === "ok" && listed.value.map(({ topic, uri: to, includeFields }) => [topic, to, includeFields]),
    ).toEqual(NEEDED_WEBHOOKS.map(({ topic, includeFields }) => [topic, uri, includeFields]));
  });

  it("are mended when they lost a field or hold webhooks back by a filter, and no other app's is touched", async () => {
    const api = shopifySubscriptions(simulatorGate(simulator));
    const other = "http://127.0.0.1:9999/somebody-else";
    await api.create({ topic: "ORDERS_CREATE", includeFields: ["id"], isEssential: true }, other);
    const ours = simulator.registry.all().filter((one) => one.uri === uri);
    const byTopic = (topic: string) => ours.find((one) => one.topic === topic)?.id ?? "";
    simulator.registry.update(byTopic("INVENTORY_LEVELS_UPDATE"), { includeFields: ["available"] });
    simulator.registry.update(byTopic("REFUNDS_CREATE"), { filter: "location_id:1" });
    const synced = await syncWebhooks(uri, false, api);
    const mended = new Set(["REFUNDS_CREATE", "INVENTORY_LEVELS_UPDATE"]);
    expect(synced.kind === "ok" && synced.value).toMatchObject({
      changes: NEEDED_WEBHOOKS.map(({ topic }) => ({ topic, change: mended.has(topic) ? "mended" : "kept" })),
      elsewhere: [],
    });
    expect(
      (await syncWebhooks(uri, false, api)).kind === "ok" && simulator.registry.all().map((one) => one.filter ?? ""),
    ).toEqual(Array(NEEDED_WEBHOOKS.length + 1).fill(""));
  });

  it("of another deployment of the app are left alone and told, and moved only when that is asked for", async () => {
    const shop = await startShopifySimulator({ seed: 14 });
    const api = shopifySubscriptions(simulatorGate(shop));
    const moved = "http://127.0.0.1:9998/webhooks/shopify";
    const uris = () =>
      shop.registry
        .all()
        .map((one) => one.uri)
        .sort();
    await syncWebhooks(uri, false, api);
    const beside = await syncWebhooks(moved, false, api);
    expect(beside.kind === "ok" && beside.value.changes.map(({ change }) => change)).toEqual(
      Array(ALL).fill("created"),
    );
    expect(beside.kind === "ok" && beside.value.elsewhere.map((one) => one.uri)).toEqual(Array(ALL).fill(uri));
    expect(uris()).toEqual([...Array(ALL).fill(moved), ...Array(ALL).fill(uri)]);
    const third = "http://127.0.0.1:9997/webhooks/shopify";
    const replaced = await syncWebhooks(third, true, api);
    expect(replaced.kind === "ok" && replaced.value.changes).toMatchObject(
      Array(ALL).fill({ change: "mended", was: uri }),
    );
    expect(uris()).toEqual([...Array(ALL).fill(third), ...Array(ALL).fill(moved)]);
    await shop.close();
  });

  it("go on without a topic that Shopify grants no scope for, and say so; not without one that the count needs", async () => {
    const api = shopifySubscriptions(simulatorGate(simulator));
    const without = (refused: string) => ({
      ...api,
      list: async () => ({ kind: "ok", value: [] }) as const,
      create: async (needed: (typeof NEEDED_WEBHOOKS)[number], to: string) =>
        needed.topic === refused
          ? ({ kind: "refused", code: "user_error", message: "needs read_fulfillments" } as const)
          : ({
              kind: "ok",
              value: {
                id: needed.topic,
                topic: needed.topic,
                uri: to,
                includeFields: [],
                format: "JSON",
                filter: null,
              },
            } as const),
    });
    const synced = await syncWebhooks(uri, false, without("FULFILLMENTS_CREATE"));
    expect(synced.kind === "ok" && synced.value.changes.filter(({ change }) => change === "refused")).toEqual([
      { topic: "FULFILLMENTS_CREATE", change: "refused", why: "user_error: needs read_fulfillments" },
    ]);
    expect(synced.kind === "ok" && synced.value.subscriptions).toHaveLength(ALL - 1);
    expect(await syncWebhooks(uri, false, without("REFUNDS_CREATE"))).toMatchObject({ kind: "refused" });
  });

  it("say what Shopify said when it refuses an address", async () => {
    const strict = await startShopifySimulator({ seed: 13, allowsLoopbackHttp: false });
    const refused = await syncWebhooks(uri, false, shopifySubscriptions(simulatorGate(strict)));
    expect(refused).toMatchObject({ kind: "refused", message: expect.stringContaining("ORDERS_CREATE") });
    await strict.close();
  });
});
