/** Bundles in D1, on the shipped statements: what the isolate believes, for how long, and what it says while D1 is away. */
import { beforeEach, expect, it } from "vitest";
import { fromStore, type Sku } from "../../../src/domain/ids.ts";
import type { BundleBook, BundleCatalogue } from "../../../src/services/bundle/bundle-book.ts";
import { type BundleCache, d1BundleBook, d1BundleCatalogue } from "../../../src/store/d1-bundles.ts";
import { ExpiringMap } from "../../../src/store/expiring-map.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const LIMITS = { componentsMax: 30, quantityMax: 1_000 };
const SET = fromStore<Sku>("SET");
const BOX = fromStore<Sku>("BOX");
let d1: SqliteD1;
let nowMs: number;
let here: BundleCatalogue;
let book: BundleBook;

beforeEach(() => {
  d1 = new SqliteD1();
  nowMs = 1_000;
  for (const sku of ["CUP", "LID"]) {
    d1.database.prepare("INSERT INTO skus VALUES (?, ?, 0)").run(`id-${sku}`, sku);
    d1.database.prepare("INSERT INTO sku_aliases VALUES (?, ?)").run(sku, `id-${sku}`);
  }
  const cache: BundleCache = new ExpiringMap(60_000, 100);
  here = d1BundleCatalogue(d1.db, cache, LIMITS, 20, () => nowMs);
  // Edits come through another isolate, which has a cache of its own.
  book = d1BundleBook(d1.db, new ExpiringMap(60_000, 100), LIMITS);
});

const put = (sku: Sku, components: Readonly<Record<string, number>>) =>
  book.put({
    ...{ sku, actor: "test", nowMs, dryRun: false },
    components: Object.entries(components).map(([its, quantity]) => ({ sku: fromStore<Sku>(its), quantity })),
  });
const takes = async (sku: Sku) => {
  const { bundles, fault } = await here.find([sku]);
  const found = bundles.get(sku);
  if (found?.kind !== "bundle") return found?.kind ?? fault;
  return found.bundle.components.map(({ sku: its, quantity }) => `${quantity} ${its}`).join(", ");
};

it("asks D1 once, and sees another isolate's edit when a minute is over", async () => {
  await put(SET, { CUP: 1, LID: 1 });
  expect(await takes(SET)).toBe("1 CUP, 1 LID");
  await put(SET, { CUP: 2 });
  const asked = d1.asked.length;
  expect([await takes(SET), here.known(SET)?.components.length]).toEqual(["1 CUP, 1 LID", 2]);
  expect(d1.asked.length).toBe(asked);
  nowMs += 60_000;
  expect(here.known(SET)).toBeUndefined();
  expect(await takes(SET)).toBe("2 CUP");
});

it("goes on with what it knew while D1 is away or hangs; what it does not know is no news", async () => {
  await put(SET, { CUP: 1 });
  await takes(SET);
  nowMs += 3_600_000;
  for (const state of ["away", "hanging"] as const) {
    d1.state = state;
    expect(await takes(SET)).toBe("1 CUP");
    expect(await takes(BOX)).toMatch(/^bundles: /);
  }
});

it("does not remember what is no bundle: a new one is seen at once", async () => {
  expect(await takes(SET)).toBeNull();
  await put(SET, { LID: 1 });
  expect(await takes(SET)).toBe("1 LID");
});

it("keeps to a component's immutable id: renamed, it is still the same stock", async () => {
  await put(SET, { CUP: 1 });
  d1.database.exec("UPDATE skus SET sku = 'MUG' WHERE sku_id = 'id-CUP'");
  const { bundles } = await here.find([SET]);
  expect(bundles.get(SET)).toMatchObject({ bundle: { components: [{ skuId: "id-CUP", sku: "MUG" }] } });
});

it("tells a circle that two edits at the same moment made, and sells nothing of it", async () => {
  await put(SET, { CUP: 1 });
  await put(BOX, { SET: 1 });
  d1.database.exec("UPDATE bundle_components SET sku_id = NULL, nested_sku = 'BOX' WHERE bundle_sku = 'SET'");
  expect(await takes(BOX)).toBe("broken");
  expect((await here.find([SET])).bundles.get(SET)).toMatchObject({
    fault: { kind: "cycle", path: ["SET", "BOX", "SET"] },
  });
  expect(await put(SET, { LID: 1 })).toMatchObject({ kind: "put" });
  expect(await takes(BOX)).toBe("1 LID");
});
