import { describe, expect, it } from "vitest";
import { faultOfDraft, missingOfShop } from "../../../../src/domain/channel/check-draft.ts";
import { type ChannelId, fromStore } from "../../../../src/domain/ids.ts";
import { channelDraft } from "../../../support/channels/draft.ts";

const SHOP = channelDraft({
  ...{ id: fromStore<ChannelId>("a.myshopify.com"), type: "shopify", adapter: "shopify", endpoint: null },
});
const fieldOf = (draft: Parameters<typeof channelDraft>[0], base = channelDraft()) =>
  faultOfDraft({ ...base, ...draft })?.field ?? null;

describe("what a channel may be", () => {
  it.each([
    [channelDraft({ type: "wms", adapter: "shiphero", endpoint: null })],
    [channelDraft({ type: "pos", adapter: "square", endpoint: null })],
    [channelDraft({ type: "marketplace", adapter: "amazon", endpoint: null })],
    [channelDraft({ direction: "in", endpoint: null })],
    [SHOP],
  ])("takes each adapter for its type: %#", (draft) => {
    expect(faultOfDraft(draft)).toBeNull();
  });

  it.each([
    [{ type: "wms", adapter: "square" } as const, "adapter"],
    [{ type: "marketplace", adapter: "shopify" } as const, "adapter"],
    [{ type: "shopify", adapter: "shopify" } as const, "id"],
    [{ endpoint: null } as const, "endpoint"],
  ])("refuses %j", (draft, field) => {
    expect(fieldOf(draft)).toBe(field);
  });

  it("leaves to Shopify what is Shopify's", () => {
    expect(fieldOf({ type: "pos", adapter: "onhand" }, SHOP)).toBe("type");
    expect(fieldOf({ endpoint: "https://a.example.com/" }, SHOP)).toBe("endpoint");
    expect(fieldOf({ direction: "in" }, SHOP)).toBe("direction");
    expect(fieldOf({ locations: new Map([["north", fromStore("1")]]) }, SHOP)).toBe("locations");
    expect(fieldOf({ listings: "mapped" }, SHOP)).toBe("listings");
    expect(fieldOf({ eventTypes: ["order.created"] }, SHOP)).toBe("eventTypes");
  });

  it("names the credentials that a shop lacks", () => {
    expect(missingOfShop(new Set())).toEqual(["client_id", "client_secret"]);
    expect(missingOfShop(new Set(["access_token", "client_secret"]))).toEqual([]);
  });
});
