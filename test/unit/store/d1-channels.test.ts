import { beforeEach, describe, expect, it } from "vitest";
import { type ChannelId, fromStore, type LocationId, type SkuId } from "../../../src/domain/ids.ts";
import { SIGNING } from "../../../src/services/channels/channel-store.ts";
import type { Sealed } from "../../../src/services/channels/secret-box.ts";
import { d1Channels } from "../../../src/store/d1-channels.ts";
import { channelDraft, WMS } from "../../support/channels/draft.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const sealed = (n: number): Sealed => ({ ciphertext: new Uint8Array([n, n]), iv: new Uint8Array(12).fill(n) });
const SHOP = fromStore<ChannelId>("new-shop.myshopify.com");

let d1: SqliteD1;
let store: ReturnType<typeof d1Channels>;
beforeEach(() => {
  d1 = new SqliteD1();
  store = d1Channels(d1.db);
});
const sql = (text: string): void => d1.database.exec(text);
const revisionOf = async (id = WMS): Promise<number | undefined> => (await store.get(id))?.channel.revision;

describe("channels in D1", () => {
  it("come back as they were put, active and with the first signing secret", async () => {
    const draft = channelDraft({
      locations: new Map([["north", fromStore<LocationId>("1")]]),
      eventTypes: ["stock.counted"],
      listings: "mapped",
    });
    expect(await store.put(draft, null, sealed(1), 1_000)).toMatchObject({ kind: "put", isNew: true });
    const found = await store.withSecrets(WMS, 1_000);
    expect(found?.stored).toEqual({
      channel: { ...draft, state: "active", readOnly: false, revision: 1 },
      ...{ stateReason: null, stateBy: null, stateAtMs: 1_000, createdAtMs: 1_000, updatedAtMs: 1_000 },
    });
    expect(found?.secrets).toEqual([
      { name: SIGNING, version: 1, createdAtMs: 1_000, retiresAtMs: null, sealed: sealed(1) },
    ]);
    expect(await store.withSecrets(SHOP, 1_000)).toBeNull();
  });

  it("keep state, secrets and birth when they are replaced", async () => {
    await store.put(channelDraft(), null, sealed(1), 1_000);
    await store.setState(WMS, "paused", { reason: "stocktake", actor: "admin" }, 2_000);
    expect(await store.put(channelDraft({ name: "Another" }), null, sealed(2), 3_000)).toMatchObject({ isNew: false });
    const found = await store.withSecrets(WMS, 3_000);
    expect(found?.stored).toMatchObject({ channel: { name: "Another", state: "paused" }, createdAtMs: 1_000 });
    expect(found?.secrets.map((secret) => secret.sealed)).toEqual([sealed(1)]);
  });

  it("are put only over the revision that the caller saw", async () => {
    await store.put(channelDraft(), 0, sealed(1), 1_000);
    expect(await store.put(channelDraft({ name: "B" }), 0, sealed(1), 1_000)).toEqual({ kind: "stale", revision: 1 });
    const seen = (await revisionOf()) ?? -1;
    expect(await store.put(channelDraft({ name: "B" }), seen, sealed(1), 1_000)).toMatchObject({ kind: "put" });
    expect(await store.put(channelDraft({ id: SHOP }), 9, sealed(1), 1_000)).toEqual({ kind: "stale", revision: null });
    expect(await store.get(SHOP)).toBeNull();
  });

  it("have a revision that rises with every change over all of them, and never twice the same", async () => {
    await store.put(channelDraft(), null, sealed(1), 1_000);
    await store.put(channelDraft({ id: SHOP }), null, sealed(1), 1_000);
    await store.setReadOnly(WMS, true, 2_000);
    const before = [await revisionOf(SHOP), await revisionOf()];
    await store.remove(SHOP);
    await store.put(channelDraft({ id: SHOP }), null, sealed(1), 3_000);
    const after = await revisionOf(SHOP);
    expect(before[0]).toBeLessThan(before[1] ?? 0);
    expect(after).toBeGreaterThan(before[1] ?? 0);
  });

  it("that are paused say why and by whom, and a second pause does not take the first one's place", async () => {
    await store.put(channelDraft(), null, sealed(1), 1_000);
    await store.setState(WMS, "paused", { reason: "gone", actor: "outbound" }, 2_000);
    const paused = await store.setState(WMS, "paused", { reason: "again", actor: "admin" }, 3_000);
    expect(paused).toMatchObject({ stateReason: "gone", stateBy: "outbound", stateAtMs: 2_000 });
    const resumed = await store.setState(WMS, "active", { reason: null, actor: "admin" }, 4_000);
    expect(resumed).toMatchObject({ channel: { state: "active" }, stateReason: null, stateBy: "admin" });
    expect(await store.setState(SHOP, "paused", { reason: "x", actor: "y" }, 1)).toBeNull();
  });

  it("stay while an item of theirs is counted, and go with secrets and items after that", async () => {
    sql("INSERT INTO skus VALUES ('id-1', 'TEE', 0)");
    sql(`INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms)
      VALUES ('wms-main', '1', '1', 'id-1', 'TEE', 'active', '', 0)`);
    await store.put(channelDraft(), null, sealed(1), 1_000);
    await store.putListings(WMS, [{ itemId: "a", skuId: fromStore<SkuId>("id-1") }]);
    expect(await store.remove(WMS)).toBe("connected");
    expect(await store.listingCount(WMS)).toBe(1);
    sql("UPDATE listings SET status = 'disconnected'");
    expect(await store.remove(WMS)).toBe("removed");
    expect([await store.listingCount(WMS), await store.secrets(WMS, 0), await store.remove(WMS)]).toEqual([
      0,
      [],
      "unknown",
    ]);
  });
});

describe("secrets of channels in D1", () => {
  const versions = async (nowMs: number) =>
    (await store.secrets(WMS, nowMs)).map(({ version, retiresAtMs }) => [version, retiresAtMs]);

  it("that are rotated are two for a while, and a third retires the oldest", async () => {
    await store.put(channelDraft(), null, sealed(1), 1_000);
    await store.addSecret(WMS, SIGNING, sealed(2), { keepOldUntilMs: 9_000, nowMs: 2_000 });
    expect(await versions(2_000)).toEqual([
      [2, null],
      [1, 9_000],
    ]);
    await store.addSecret(WMS, SIGNING, sealed(3), { keepOldUntilMs: 9_500, nowMs: 3_000 });
    expect(await versions(3_000)).toEqual([
      [3, null],
      [2, 9_500],
    ]);
    expect(await versions(9_500)).toEqual([[3, null]]);
    await store.addSecret(WMS, SIGNING, sealed(4), { keepOldUntilMs: 4_000, nowMs: 4_000 });
    expect(await versions(4_000)).toEqual([[4, null]]);
  });

  it("before the present one are taken away on demand", async () => {
    await store.put(channelDraft(), null, sealed(1), 1_000);
    await store.addSecret(WMS, SIGNING, sealed(2), { keepOldUntilMs: 9_000, nowMs: 2_000 });
    expect(await store.retireOld(WMS, SIGNING)).toBe(1);
    expect(await versions(2_000)).toEqual([[2, null]]);
    expect(await store.retireOld(WMS, SIGNING)).toBe(0);
  });

  it("are stored of known channels alone, page by page, and sealed anew where they were not changed meanwhile", async () => {
    await store.addSecret(SHOP, "client_secret", sealed(1), { keepOldUntilMs: 0, nowMs: 0 });
    expect(await store.sealedPage(null, 10)).toEqual([]);
    await store.put(channelDraft(), null, sealed(1), 1_000);
    await store.addSecret(WMS, "app_secret", sealed(5), { keepOldUntilMs: 0, nowMs: 1_000 });
    const [first] = await store.sealedPage(null, 1);
    if (first === undefined) throw new Error("nothing is stored");
    expect([first.name, (await store.sealedPage(first, 10)).map(({ name }) => name)]).toEqual([
      "app_secret",
      [SIGNING],
    ]);
    await store.reseal(first, sealed(9), sealed(6));
    expect((await store.sealedPage(null, 1))[0]?.sealed).toEqual(sealed(5));
    await store.reseal(first, sealed(5), sealed(6));
    expect((await store.sealedPage(null, 1))[0]?.sealed).toEqual(sealed(6));
  });
});

describe("items of channels in D1", () => {
  it("are mapped to SKUs, listed page by page, changed and removed", async () => {
    sql("INSERT INTO skus VALUES ('id-1', 'TEE', 0), ('id-2', 'MUG', 0)");
    const [tee, mug] = [fromStore<SkuId>("id-1"), fromStore<SkuId>("id-2")];
    await store.put(channelDraft(), null, sealed(1), 1_000);
    await store.putListings(WMS, [
      { itemId: "a", skuId: tee },
      { itemId: "b", skuId: tee },
    ]);
    await store.putListings(WMS, [{ itemId: "b", skuId: mug }]);
    expect(await store.listings(WMS, null, 10)).toEqual([
      { itemId: "a", sku: "TEE", skuId: "id-1" },
      { itemId: "b", sku: "MUG", skuId: "id-2" },
    ]);
    expect((await store.listings(WMS, "a", 10)).map(({ itemId }) => itemId)).toEqual(["b"]);
    expect([await store.removeListings(WMS, ["a", "z"]), await store.listingCount(WMS)]).toEqual([1, 1]);
    expect([await store.removeListings(WMS, null), await store.listingCount(WMS)]).toEqual([1, 0]);
  });

  it("belong to a known channel, and SKUs are found by every name that they went by", async () => {
    sql("INSERT INTO skus VALUES ('id-1', 'TEE', 0)");
    sql("INSERT INTO sku_aliases VALUES ('TEE', 'id-1'), ('OLD-TEE', 'id-1')");
    await store.putListings(SHOP, [{ itemId: "a", skuId: fromStore<SkuId>("id-1") }]);
    expect(await store.listingCount(SHOP)).toBe(0);
    const found = await store.skuIds(["OLD-TEE", "TEE", "MUG"].map((sku) => fromStore(sku)));
    expect(Object.fromEntries(found)).toEqual({ "OLD-TEE": "id-1", TEE: "id-1" });
  });
});
