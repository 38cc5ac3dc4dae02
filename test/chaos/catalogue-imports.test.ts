/** The merchant changes the catalogue, no news of it comes, and an import finds it: nothing changes hands by itself. */
import { describe, expect, it } from "vitest";
import { ApiProblem } from "../../dev/cli/client.ts";
import { type ImportTotals, importShop } from "../../dev/cli/import-shop.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { replayed, untilWaiting } from "./support/letters.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({
  seed: 66,
  timing: { catalogueTtlMs: 1_000 },
  prepare(simulator) {
    simulator.addProduct({ title: "Made again", variants: [{ sku: "MADE-AGAIN", priceCents: 1_000 }] });
    simulator.editLevel({ sku: "MADE-AGAIN" }, simulator.store.locations[0]?.id ?? "", { available: 9 });
  },
});

const SETTLES_MS_MAX = 60_000;

/** Nobody tells what happens meanwhile. */
async function untold<Done>({ simulator }: Calm, act: () => Done): Promise<Done> {
  simulator.patchFaults({ webhooks: { dropRate: 1 } });
  try {
    const done = act();
    await simulator.idle();
    return done;
  } finally {
    simulator.faults = {};
  }
}

const imported = ({ stack, simulator }: Calm): Promise<ImportTotals> => importShop(stack.client, simulator.shop);

/** What the import says of these variants. */
const saidOf = ({ findings }: ImportTotals, variants: readonly string[]): readonly string[] =>
  variants.flatMap((id) => findings.filter(({ variantId }) => variantId === id).map(({ kind }) => kind));

const variantOf = ({ simulator }: Calm, sku: string): string =>
  simulator.store.itemsBySku(sku)[0]?.variants[0]?.id ?? "";

const itemOf = ({ simulator }: Calm, variant: string) => simulator.store.variantById(variant)?.item.id ?? "";

/** A new product of a SKU that another item has, or had. @returns its variant */
function addTwin({ simulator }: Calm, sku: string, available: number): string {
  const { variants } = simulator.addProduct({ title: `Twin of ${sku}`, variants: [{ sku, priceCents: 1_000 }] });
  const [twin] = variants;
  if (twin === undefined) throw new Error("no variant");
  const [first] = simulator.store.locations;
  simulator.editLevel({ itemId: twin.item.id }, first?.id ?? "", { available });
  return twin.id;
}

const levelAt = ({ simulator }: Calm, itemId: string, place: string) => simulator.level({ itemId }, place)?.available;

const hasUnits = async (calm: Calm, sku: string, units: number): Promise<boolean> =>
  (await calm.available(sku).catch(() => null)) === units;

describe("an import", () => {
  it("reports items whose SKU is blank, double or untracked now; all go on under their counters", async () => {
    const calm = world();
    const { simulator } = calm;
    const [blank, double, untracked, owner] = [calm.sku(), calm.sku(), calm.sku(), calm.sku()];
    const variants = [blank, double, untracked].map((sku) => variantOf(calm, sku));
    const items = variants.map((variant) => itemOf(calm, variant));
    const before = await Promise.all([blank, double].map((sku) => calm.available(sku)));
    await untold(calm, () => {
      simulator.renameSku({ itemId: items[0] ?? "" }, null);
      simulator.renameSku({ itemId: items[1] ?? "" }, owner);
      simulator.setTracked({ itemId: items[2] ?? "" }, false);
    });
    expect(saidOf(await imported(calm), variants)).toEqual(["blank_sku", "duplicate_sku", "untracked"]);
    const lines = variants.slice(0, 2).map((variantId) => ({ variantId, quantity: 2 }));
    expect(simulator.createOrder({ lines }).kind).toBe("created");
    for (const [i, sku] of [blank, double].entries())
      expect(await waitUntil(() => hasUnits(calm, sku, (before[i] ?? 0) - 2), SETTLES_MS_MAX)).toBe(true);
    expect(await calm.take(blank, 1)).toBe(true);
    await untold(calm, () => {
      simulator.renameSku({ itemId: items[0] ?? "" }, blank);
      simulator.renameSku({ itemId: items[1] ?? "" }, double);
      simulator.setTracked({ itemId: items[2] ?? "" }, true);
    });
    expect(saidOf(await imported(calm), variants)).toEqual([]);
    await calm.nothingIsLost();
  });

  it("reports a new item that takes the new name of a renamed one, and gives no counter away", async () => {
    const calm = world();
    const { simulator } = calm;
    const sku = calm.sku();
    const before = await calm.available(sku);
    const known = variantOf(calm, sku);
    const newcomer = await untold(calm, () => {
      simulator.renameSku({ sku }, "NEW-NAME");
      return addTwin(calm, "NEW-NAME", 5);
    });
    expect(saidOf(await imported(calm), [known, newcomer])).toEqual(["duplicate_sku"]);
    const lines = [known, newcomer].map((variantId) => ({ variantId, quantity: 1 }));
    expect(simulator.createOrder({ lines }).kind).toBe("created");
    expect(await calm.take("NEW-NAME", 1)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available("NEW-NAME")).toBe(before - 2);
    // What Redis kept under the old name runs out by itself.
    expect(await waitUntil(() => hasUnits(calm, sku, before - 2), SETTLES_MS_MAX)).toBe(true);
  });

  it("reports an item that was deleted and made again; after its release takes are refused until the next one", async () => {
    const calm = world();
    const { stack, simulator } = calm;
    const old = itemOf(calm, variantOf(calm, "MADE-AGAIN"));
    expect(await calm.take("MADE-AGAIN", 1)).toBe(true);
    await calm.nothingIsLost();
    const again = await untold(calm, () => {
      simulator.deleteProduct({ sku: "MADE-AGAIN" });
      return addTwin(calm, "MADE-AGAIN", 20);
    });
    expect(saidOf(await imported(calm), [again])).toEqual(["duplicate_sku"]);
    expect(await calm.available("MADE-AGAIN")).toBe(8);
    await stack.client.call("POST", `/v1/shops/${simulator.shop}/listings/${old}/release`, { sku: "MADE-AGAIN" });
    expect(await calm.take("MADE-AGAIN", 1)).toBe(false);
    expect(saidOf(await imported(calm), [again])).toEqual([]);
    calm.taken.delete("MADE-AGAIN"); // of the item that is gone
    calm.buy(["MADE-AGAIN", 2]);
    expect(await calm.take("MADE-AGAIN", 1)).toBe(true);
    await calm.nothingIsLost();
    expect(await calm.available("MADE-AGAIN")).toBe(17);
  });

  it("asks for shorter pages where Shopify finds one too dear, and misses nothing", async () => {
    const calm = world();
    const { simulator } = calm;
    const whole = await imported(calm);
    const { refused } = simulator.stats().graphql;
    simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100, callPointsMax: 140 });
    const inParts = await imported(calm).finally(() =>
      simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100 }),
    );
    expect(simulator.stats().graphql.refused).toBeGreaterThan(refused);
    expect(inParts.pages).toBeGreaterThan(whole.pages);
    expect(inParts).toMatchObject({ items: whole.items, levels: whole.levels });
    const sku = calm.sku();
    calm.buy([sku, 1]);
    expect(await calm.take(sku, 1)).toBe(true);
    await calm.nothingIsLost();
  });
});

describe("an item that is attached to a SKU", () => {
  it("waits with its news where the attachment broke off; the same call again goes on", async () => {
    const calm = world();
    const { stack, simulator } = calm;
    const [sku, place] = [calm.sku(), calm.place(0)];
    const twin = await untold(calm, () => addTwin(calm, sku, 3));
    const item = itemOf(calm, twin);
    expect(saidOf(await imported(calm), [twin])).toEqual(["duplicate_sku"]);
    const attach = () =>
      stack.client.call<unknown>("POST", `/v1/shops/${simulator.shop}/listings/${item}/attach`, { sku });
    const mend = await calm.break({
      where: "SKU_COUNTER",
      what: "connectListing",
      about: item,
      how: "refuse",
      times: 1,
    });
    const broken = await attach().catch((error: unknown) => error);
    expect([await mend(), broken instanceof ApiProblem ? broken.status : broken]).toEqual([1, 503]);
    simulator.editLevel({ itemId: item }, place, { delta: 1 });
    const letters = await untilWaiting(stack.client, 1);
    expect(letters[0]?.subject).toContain(item);
    await attach();
    await replayed(stack.client, letters);
    calm.buy([sku, 2]); // at one of the two: the other follows
    await calm.nothingIsLost();
    const shown = () => [item, itemOf(calm, variantOf(calm, sku))].map((each) => levelAt(calm, each, place));
    expect(await waitUntil(() => shown()[0] === shown()[1], SETTLES_MS_MAX)).toBe(true);
  });
});
