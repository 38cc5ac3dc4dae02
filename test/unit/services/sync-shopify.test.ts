import { expect, it } from "vitest";
import { fromStore, type ListingId, type PushKey, type ShopDomain, type SkuId } from "../../../src/domain/ids.ts";
import type { Counter, Counters, OpenWork } from "../../../src/services/counter-contract.ts";
import type { SubmitRequest } from "../../../src/services/gate-contract.ts";
import { syncShopify } from "../../../src/services/sync-shopify.ts";

it("submits what the counters hand out in one request: pushes, reads, and what they want back", async () => {
  const [pushKey, skuId] = [fromStore<PushKey>("p1"), fromStore<SkuId>("sku-1")];
  const push = {
    pushKey,
    skuId,
    listingId: fromStore<ListingId>("a.myshopify.com/1"),
    rows: [],
    correlationId: fromStore<never>("c"),
  };
  const work: OpenWork = { pushes: [push], reads: [], recalls: [pushKey] };
  const submitted: SubmitRequest[] = [];
  const counters: Counters = { of: () => ({ takeWork: async () => work }) as unknown as Counter };
  const gate = {
    async submit(request: SubmitRequest) {
      submitted.push(request);
      return { pushes: [] };
    },
  };
  await syncShopify(fromStore<ShopDomain>("a.myshopify.com"), [skuId], { counters, gateOf: () => gate });
  expect(submitted).toEqual([{ pushes: [push], reads: [], recalls: [pushKey] }]);
});
