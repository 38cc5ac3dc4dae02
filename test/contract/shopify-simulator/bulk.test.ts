import { describe, expect, it, vi } from "vitest";
import type { ShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import { startShop, startSmallShop } from "./support/shop.ts";
import { callGraphql, operation } from "./support/simulator-client.ts";
import { startCatcher, subscribe } from "./support/webhook-catcher.ts";

const EXPORT = `{
  productVariants {
    edges { node {
      id sku
      inventoryItem {
        id tracked
        inventoryLevels { edges { node { id location { id } quantities(names: ["available"]) { name quantity } } } }
      }
    } }
  }
}`;

type Operation = {
  id: string;
  status: string;
  objectCount: string;
  rootObjectCount: string;
  fileSize: string;
  url: string;
};
type Row = { id: string; __parentId?: string; sku?: string | null; quantities?: { quantity: number }[] };

async function run(simulator: ShopifySimulator, query: string): Promise<{ started: unknown; done: Operation }> {
  const reply = await callGraphql(simulator, operation("bulk_query"), { query });
  expect(reply.errors).toBeUndefined();
  await simulator.idle();
  const list =
    "{ bulkOperations(first: 1, reverse: true) { nodes { id status objectCount rootObjectCount fileSize url } } }";
  const polled = await callGraphql(simulator, list);
  const [done] = (polled.data as unknown as { bulkOperations: { nodes: Operation[] } }).bulkOperations.nodes;
  return { started: reply.data, done: done as Operation };
}

async function userErrors(simulator: ShopifySimulator, query: string): Promise<unknown> {
  const reply = await callGraphql(simulator, operation("bulk_query"), { query });
  return (reply.data as unknown as { bulkOperationRunQuery: { userErrors: unknown } }).bulkOperationRunQuery.userErrors;
}

describe("a bulk export", () => {
  it("starts as CREATED and leaves a JSONL file with a line per variant and per level", async () => {
    const shop = await startShop();
    shop.seedCatalogue({ skus: 450, locations: 2 });
    const { started, done } = await run(shop, EXPORT);
    expect(started).toMatchObject({ bulkOperationRunQuery: { bulkOperation: { status: "CREATED" }, userErrors: [] } });
    expect(done).toMatchObject({ status: "COMPLETED", objectCount: "1350", rootObjectCount: "450" });
    const response = await fetch(done.url);
    const text = await response.text();
    expect(response.headers.get("content-type")).toBe("application/jsonl");
    expect(String(Buffer.byteLength(text))).toBe(done.fileSize);
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Row);
    const variants = rows.filter((row) => row.__parentId === undefined);
    const levels = rows.filter((row) => row.__parentId !== undefined);
    expect(variants.map((row) => row.sku)).toEqual(shop.store.variants.map((variant) => variant.item.sku));
    expect(new Set(levels.map((row) => row.__parentId))).toEqual(new Set(variants.map((row) => row.id)));
    const total = levels.reduce((sum, row) => sum + (row.quantities?.[0]?.quantity ?? 0), 0);
    expect(total).toBe(shop.levels().reduce((sum, level) => sum + level.available, 0));
  });

  it("puts children after their parents, but not next to them", async () => {
    const shop = await startShop();
    shop.seedCatalogue({ skus: 3, locations: 2 });
    const { done } = await run(shop, EXPORT);
    const rows = (await (await fetch(done.url)).text()).trimEnd().split("\n");
    const isChild = rows.map((line) => line.includes("__parentId"));
    expect(isChild).toEqual([false, false, false, true, true, true, true, true, true]);
  });

  it("tells bulk_operations/finish", async () => {
    const { simulator, addItem } = await startSmallShop();
    addItem("A-1", [1, 1]);
    const catcher = await startCatcher();
    subscribe(simulator, catcher, "BULK_OPERATIONS_FINISH");
    const { done } = await run(simulator, EXPORT);
    expect(catcher.bodies("bulk_operations/finish")).toMatchObject([
      { admin_graphql_api_id: done.id, status: "completed", type: "query", error_code: null },
    ]);
  });

  it("has no file when there is nothing to tell", async () => {
    const shop = await startShop();
    const { done } = await run(shop, EXPORT);
    expect(done).toMatchObject({ status: "COMPLETED", objectCount: "0", url: null });
  });

  it("keeps its file behind an address that cannot be guessed", async () => {
    const shop = await startShop();
    expect((await fetch(`${shop.url}/bulk-operation-outputs/00000000/x.jsonl`)).status).toBe(404);
  });

  it("can be cancelled while it runs", async () => {
    const shop = await startShop({ bulkDelayMs: 300 });
    shop.seedCatalogue({ skus: 5 });
    await callGraphql(shop, operation("bulk_query"), { query: EXPORT });
    const list = await callGraphql(shop, "{ bulkOperations(first: 1) { nodes { id } } }");
    const [node] = (list.data as unknown as { bulkOperations: { nodes: { id: string }[] } }).bulkOperations.nodes;
    const cancel =
      "mutation C($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }";
    const reply = await callGraphql(shop, cancel, { id: node?.id });
    expect(reply.data).toEqual({
      bulkOperationCancel: { bulkOperation: { status: "CANCELING" }, userErrors: [] },
    });
    await shop.idle();
    const after = await callGraphql(shop, "query B($id: ID!) { bulkOperation(id: $id) { status url } }", {
      id: node?.id,
    });
    expect(after.data).toEqual({ bulkOperation: { status: "CANCELED", url: null } });
  });
});

describe("a bulk query that goes wrong", () => {
  it("is refused, fails while it runs, or is told later than its rows were read", async () => {
    const shop = await startShop();
    shop.seedCatalogue({ skus: 3, locations: 1 });
    shop.faults = { bulk: { outcome: "refused" } };
    expect(await userErrors(shop, EXPORT)).toMatchObject([{ code: "INVALID" }]);
    shop.faults = { bulk: { outcome: "fails" } };
    expect((await run(shop, EXPORT)).done).toMatchObject({ status: "FAILED", url: null });
    shop.faults = { bulk: { readyAfterMs: 300 } };
    const sku = shop.store.items[0]?.sku ?? "";
    const whole = run(shop, EXPORT);
    const text = "{ bulkOperations(first: 1, reverse: true) { nodes { status objectCount } } }";
    await vi.waitUntil(async () => {
      const { data } = await callGraphql(shop, text);
      const [newest] = (data as unknown as { bulkOperations: { nodes: Operation[] } }).bulkOperations.nodes;
      return newest?.status === "RUNNING" && Number(newest.objectCount) > 0;
    });
    shop.renameSku({ sku }, "RENAMED");
    const { done } = await whole;
    expect(done.status).toBe("COMPLETED");
    expect(await (await fetch(done.url)).text()).not.toContain("RENAMED");
  });
});

describe("what a bulk query may not be", () => {
  const invalid = (message: string): unknown[] => [{ code: "INVALID", field: ["query"], message }];

  it("is told in Shopify's words", async () => {
    const shop = await startShop();
    expect(await userErrors(shop, "{ shop { id } }")).toEqual(
      invalid("Bulk queries must contain at least one connection."),
    );
    expect(await userErrors(shop, "")).toEqual(invalid("Invalid bulk query: syntax error, unexpected end of file"));
    expect(await userErrors(shop, "{ products { nodes { id } } }")).toEqual(
      invalid(
        "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: 'products { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: 'products'.",
      ),
    );
    expect(await userErrors(shop, '{ node(id: "gid://shopify/Product/0") { id } }')).toEqual([
      ...invalid("Bulk queries cannot contain a top level `node` field."),
      ...invalid("Bulk queries must contain at least one connection."),
    ]);
    const levels = "inventoryLevels { edges { node { id } } }";
    const deep = `{ products { edges { node { id variants { edges { node { id inventoryItem { variants { edges { node { id inventoryItem { ${levels} } } } } } } } } } } } }`;
    expect(await userErrors(shop, deep)).toEqual(
      invalid("Bulk queries cannot contain connections with a nesting depth greater than 2."),
    );
    expect(
      await userErrors(shop, "{ products { edges { node { title variants { edges { node { id } } } } } } }"),
    ).toEqual(
      invalid(
        "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' return type. Connection fields without 'id': products.",
      ),
    );
    expect(await userErrors(shop, "mutation { bulkOperationCancel(id: 1) { userErrors { message } } }")).toEqual(
      invalid("Invalid operation type. Only `query` operations are supported."),
    );
  });

  it("refuses a sixth one while five are running, and names them", async () => {
    const shop = await startShop({ bulkDelayMs: 60_000 });
    for (let index = 0; index < 5; index++) expect(await userErrors(shop, EXPORT)).toEqual([]);
    const [error] = (await userErrors(shop, EXPORT)) as { code: string; message: string }[];
    expect(error?.code).toBe("OPERATION_IN_PROGRESS");
    expect(error?.message.match(/gid:\/\/shopify\/BulkOperation\/\d+/g)).toHaveLength(5);
  });
});
