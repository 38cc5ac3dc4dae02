/** The merchant changes the catalogue while its SKUs sell: names and items come and go, stock does not. */
import { describe, expect, it } from "vitest";
import { ApiProblem } from "../../dev/cli/client.ts";
import { locationBody } from "../../dev/shopify-simulator/payloads/catalogue-bodies.ts";
import { levelBody } from "../../dev/shopify-simulator/payloads/level-body.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { skuIdOf, treat } from "./support/objects.ts";
import { postWebhook } from "./support/post-webhook.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({
  seed: 65,
  // What an isolate knows of the catalogue it believes for a minute: here for a second.
  timing: { catalogueTtlMs: 1_000 },
  prepare(simulator) {
    const stocked = (sku: string, units: readonly number[]): void => {
      simulator.addProduct({ title: sku, variants: [{ sku, priceCents: 1_000 }] });
      for (const [i, available] of units.entries())
        simulator.editLevel({ sku }, simulator.store.locations[i]?.id ?? "", { available });
    };
    simulator.addProduct({ title: "Nowhere", variants: [{ sku: "NOWHERE", priceCents: 1_000 }] });
    const [first] = simulator.store.locations;
    if (first !== undefined) simulator.addLocation({ name: "Depot", address: first.address });
    stocked("DELETED", [8]);
    stocked("DELETED-UNTOLD", [8]);
    stocked("IN-THE-DEPOT", [0, 0, 9]);
    stocked("ONE-PLACE", [9]);
  },
});

const NEWS_MS_MAX = 60_000;
const secondNow = (): number => Math.floor(Date.now() / 1_000);

const findingsOf = async ({ stack, simulator }: Calm): Promise<readonly string[]> => {
  type Found = { readonly findings: readonly { readonly subject: string; readonly kind: string }[] };
  const { findings } = await stack.client.call<Found>("GET", `/v1/shops/${simulator.shop}/findings`);
  return findings.map(({ subject, kind }) => `${subject}: ${kind}`);
};

const untilFound = (calm: Calm, finding: string, isThere: boolean): Promise<boolean> =>
  waitUntil(async () => (await findingsOf(calm)).includes(finding) === isThere, NEWS_MS_MAX);

const itemOf = ({ simulator }: Calm, sku: string): string => simulator.store.itemsBySku(sku)[0]?.id ?? "";

async function statusOf({ stack }: Calm, item: string): Promise<string | undefined> {
  const { DB } = await stack.worker.bindings();
  const rows = await DB.prepare("SELECT status FROM listings WHERE inventory_item_id = ?").bind(item).all();
  return (rows.results as { status: string }[])[0]?.status;
}

const hasUnits = async (calm: Calm, sku: string, units: number): Promise<boolean> =>
  (await calm.available(sku).catch(() => null)) === units;

describe("an item", () => {
  it("that was stocked nowhere at the import is connected by the first level that is told", async () => {
    const calm = world();
    calm.simulator.editLevel({ sku: "NOWHERE" }, calm.place(1), { available: 7 });
    expect(await waitUntil(() => hasUnits(calm, "NOWHERE", 7), NEWS_MS_MAX)).toBe(true);
    calm.buy(["NOWHERE", 2]);
    expect(await calm.take("NOWHERE", 1)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available("NOWHERE")).toBe(4);
  });

  it("that is renamed keeps its counter: the old name stays an alias, and sales go on under both", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    calm.buy([sku, 1]);
    calm.simulator.renameSku({ sku }, "RENAMED");
    calm.buy(["RENAMED", 2]);
    expect(await waitUntil(() => hasUnits(calm, "RENAMED", before - 3), NEWS_MS_MAX)).toBe(true);
    expect(await calm.take("RENAMED", 1)).toBe(true);
    await calm.nothingIsLost();
    // What Redis kept under the old name runs out by itself.
    expect(await waitUntil(() => hasUnits(calm, sku, before - 4), NEWS_MS_MAX)).toBe(true);
  });

  it("that is deleted leaves its units in the count as ours; a level's late news is skipped", async () => {
    const calm = world();
    const { simulator } = calm;
    const item = itemOf(calm, "DELETED");
    calm.buy(["DELETED", 2]);
    await calm.nothingIsLost();
    simulator.patchFaults({ webhooks: { dropRate: { "inventory_levels/update": 1 } } });
    simulator.editLevel({ sku: "DELETED" }, calm.place(0), { delta: 50 });
    const level = simulator.store.itemById(item)?.levels.get(calm.place(0));
    if (level === undefined) throw new Error("no level");
    const late = { topic: "inventory_levels/update", body: JSON.stringify(levelBody(level)) };
    await simulator.idle();
    simulator.faults = {};
    simulator.deleteProduct({ sku: "DELETED" });
    expect(await waitUntil(async () => (await statusOf(calm, item)) === "retired", NEWS_MS_MAX)).toBe(true);
    expect((await postWebhook(calm, late)).status).toBe(200);
    calm.buy([calm.sku(), 1]);
    await calm.nothingIsLost();
    expect(await calm.available("DELETED")).toBe(6);
  });

  it("that is deleted without a word of its own is found by its product's", async () => {
    const calm = world();
    const { simulator } = calm;
    const item = itemOf(calm, "DELETED-UNTOLD");
    simulator.patchFaults({ webhooks: { dropRate: { "inventory_items/delete": 1 } } });
    const { dropped } = simulator.stats().webhooks;
    simulator.deleteProduct({ sku: "DELETED-UNTOLD" });
    simulator.faults = {};
    expect(simulator.stats().webhooks.dropped).toBe(dropped + 1);
    expect(await waitUntil(async () => (await statusOf(calm, item)) === "retired", NEWS_MS_MAX)).toBe(true);
    calm.buy([calm.sku(), 1]);
    await calm.nothingIsLost();
    expect(await calm.available("DELETED-UNTOLD")).toBe(8);
  });

  it("that stops being tracked is a finding, and what Shopify tells of it no number; tracked again, all agree", async () => {
    const calm = world();
    const { simulator } = calm;
    const sku = calm.sku();
    const before = await calm.available(sku);
    const finding = `item ${itemOf(calm, sku)}: untracked`;
    simulator.setTracked({ sku }, false);
    expect(await untilFound(calm, finding, true)).toBe(true);
    calm.buy([sku, 3], [calm.sku(), 1]); // Shopify takes nothing off what it does not count
    simulator.editLevel({ sku }, calm.place(0), { delta: -4 });
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before);
    simulator.setTracked({ sku }, true);
    expect(await untilFound(calm, finding, false)).toBe(true);
    expect(await calm.take(sku, 1)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 5);
  });
});

/** Its counter has what it asked Shopify for. */
async function hasNothingToRead({ stack }: Calm, sku: string): Promise<boolean> {
  const text = `SELECT COUNT(*) AS open FROM listings
    WHERE json_extract(state, '$.read') IS NOT NULL OR json_extract(state, '$.auditAtMs') IS NOT NULL`;
  const [rows] = await treat(stack, "SKU_COUNTER", await skuIdOf(stack, sku), { sql: [{ text }] });
  return rows?.[0]?.["open"] === 0;
}

/** What a till would hear. */
async function wouldTake({ stack }: Calm, sku: string): Promise<boolean> {
  const body = { delta: -1, reason: "sale" };
  const path = `/v1/inventory/${sku}/adjustments?dryRun=true`;
  return stack.client.call("POST", path, body, { "idempotency-key": `would-${performance.now()}` }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ApiProblem && error.status === 409) return false;
      throw error;
    },
  );
}

describe("a location", () => {
  it("that is closed takes no take, whatever order its news come in; open again, it does", async () => {
    const calm = world();
    const { simulator } = calm;
    const depot = calm.place(2);
    const finding = `location ${depot}: location_inactive`;
    simulator.patchFaults({ webhooks: { dropRate: { "locations/update": 1 } } });
    simulator.renameLocation(depot, "Depot, renamed");
    const location = simulator.store.locationById(depot);
    if (location === undefined) throw new Error("no depot");
    const late = { topic: "locations/update", body: JSON.stringify(locationBody(location)) };
    simulator.faults = {};
    const renamedSecond = secondNow();
    await waitUntil(() => secondNow() > renamedSecond, NEWS_MS_MAX); // Shopify's stamps are whole seconds
    simulator.setLocationActive(depot, false);
    expect(await untilFound(calm, finding, true)).toBe(true);
    expect((await postWebhook(calm, late)).status).toBe(200); // it was active then
    expect(await waitUntil(async () => !(await wouldTake(calm, "IN-THE-DEPOT")), NEWS_MS_MAX)).toBe(true);
    expect(await calm.take("IN-THE-DEPOT", 1)).toBe(false);
    calm.buy([calm.sku(), 1]);
    await calm.nothingIsLost();
    expect(await findingsOf(calm)).toContain(finding);
    simulator.setLocationActive(depot, true);
    expect(await untilFound(calm, finding, false)).toBe(true);
    expect(await waitUntil(() => wouldTake(calm, "IN-THE-DEPOT"), NEWS_MS_MAX)).toBe(true);
    expect(await calm.take("IN-THE-DEPOT", 1)).toBe(true);
    await calm.nothingIsLost();
  });

  it("that stocks an item no more is pushed nothing, and all that was missed when it stocks it again", async () => {
    const calm = world();
    const { simulator } = calm;
    const place = calm.place(0);
    const finding = `item ${itemOf(calm, "ONE-PLACE")} at location ${place}: level_disconnected`;
    simulator.disconnectLevel({ sku: "ONE-PLACE" }, place);
    expect(await untilFound(calm, finding, true)).toBe(true);
    // The read that says whether it is so: a level that is owed units when it comes back would be a dead letter.
    expect(await waitUntil(() => hasNothingToRead(calm, "ONE-PLACE"), NEWS_MS_MAX)).toBe(true);
    expect(await calm.take("ONE-PLACE", 2)).toBe(true);
    calm.buy([calm.sku(), 1]);
    await calm.nothingIsLost({ skus: ["ONE-PLACE"] });
    expect([await calm.available("ONE-PLACE"), simulator.level({ sku: "ONE-PLACE" }, place)?.available]).toEqual([
      7, 9,
    ]);
    simulator.stockAgain({ sku: "ONE-PLACE" }, place);
    expect(await untilFound(calm, finding, false)).toBe(true);
    await calm.nothingIsLost();
    expect(simulator.level({ sku: "ONE-PLACE" }, place)?.available).toBe(7);
  });
});
