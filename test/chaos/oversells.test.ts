/** More is sold than there is, because channels sell by themselves; and the reports of it meet trouble of their own. */
import { describe, expect, it } from "vitest";
import { firedAndOver, readAlerts } from "./support/alerts.ts";
import { book } from "./support/asks.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { endLife, skuIdOf } from "./support/objects.ts";
import { oversell, oversellsOf } from "./support/oversells.ts";
import { scarce } from "./support/scarce.ts";
import { untilStruck } from "./support/struck.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 72 });

/** A minute of two seconds that it must hold, looked at every five; the rest is for a busy machine. */
const ALERT_MS_MAX = 60_000;
const isFiring = async (calm: Calm): Promise<boolean> =>
  (await readAlerts(calm.stack.client)).firing.some(({ alert }) => alert === "oversell");

/** A sale elsewhere of so many more units than there are. */
const oversellBy = async (calm: Calm, sku: string, units: number): Promise<number> => {
  const quantity = (await calm.available(sku)) + units;
  await book(calm, sku, { kind: "sale", quantity, locationId: calm.place(0) });
  return quantity;
};

describe("the last units", () => {
  it("are sold by Shopify and by a till at once: reported with the order that falls short, and an alert until units come", async () => {
    const calm = world();
    const { simulator } = calm;
    const sku = await scarce(calm, [4, 0]);
    simulator.patchFaults({ webhooks: { stopped: "hold" } });
    const { id } = calm.buy([sku, 4]);
    expect(await calm.take(sku, 3)).toBe(true);
    simulator.patchFaults({ webhooks: { stopped: "no" } });
    // The newest sale falls short first.
    expect(await oversell(calm, sku, ({ units }) => units === 3)).toMatchObject({
      ...{ status: "open", unexplained: 0, shortSales: [{ kind: "order", reference: id, units: 4, short: 3 }] },
    });
    await calm.nothingIsLost({ oversold: 3 });
    expect(await waitUntil(() => isFiring(calm), ALERT_MS_MAX)).toBe(true);
    await book(calm, sku, { kind: "receipt", quantity: 5, locationId: calm.place(0) });
    expect(await oversell(calm, sku, ({ status }) => status === "resolved")).toMatchObject({ units: 0, peak: 3 });
    await firedAndOver(calm.stack.client, "oversell", ALERT_MS_MAX);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(2);
  });
});

describe("the report of an oversell", () => {
  it("meets a queue that refuses, and its counter dies: it comes later", async () => {
    const calm = world();
    const sku = calm.sku();
    const about = await skuIdOf(calm.stack, sku);
    const mend = await calm.break({ where: "NOTIFICATIONS", about, how: "refuse", times: 1 });
    const quantity = await oversellBy(calm, sku, 3);
    await endLife(calm.stack, "SKU_COUNTER", about);
    expect(await oversell(calm, sku, ({ units }) => units === 3)).toMatchObject({
      shortSales: [{ kind: "sale", reference: `order of ${sku}`, short: 3 }],
    });
    expect(await mend()).toBe(1);
    await book(calm, sku, { kind: "receipt", quantity, locationId: calm.place(0) });
    await oversell(calm, sku, ({ status }) => status === "resolved");
    await calm.nothingIsLost();
  });

  it("comes after the one that says that it is over, and twice: it is over", async () => {
    const calm = world();
    const sku = calm.sku();
    const first = { where: "consumer", what: "onhand-notifications", about: '"units":6' };
    const late = await calm.break({ ...first, how: "refuse", times: 2 });
    const twice = await calm.break({ ...first, how: "lose_answer", times: 1 });
    const quantity = await oversellBy(calm, sku, 6);
    await untilStruck(calm, 1);
    await book(calm, sku, { kind: "receipt", quantity, locationId: calm.place(0) });
    expect(await oversell(calm, sku, ({ status }) => status === "resolved")).toMatchObject({ units: 0, peak: 6 });
    await untilStruck(calm, 3);
    expect([await late(), await twice()]).toEqual([2, 1]);
    await calm.nothingIsLost();
    expect(await oversellsOf(calm, sku)).toMatchObject([{ status: "resolved", units: 0, peak: 6 }]);
  });
});
