import { describe, expect, it } from "vitest";
import { type ChannelId, fromStore, type LocationId } from "../../../../src/domain/ids.ts";
import { parsePolicy, parseRules, policyToJson } from "../../../../src/domain/policy/parse-policy.ts";
import { DEFAULT_POLICY, DEFAULT_RULES, type SkuPolicy } from "../../../../src/domain/policy/sku-policy.ts";

const policy: SkuPolicy = {
  strategy: "optimistic",
  allocation: { by: "most_stock", locations: [fromStore<LocationId>("2")], split: true },
  channels: new Map([
    [
      fromStore<ChannelId>("shop-a.myshopify.com"),
      { ...DEFAULT_RULES, buffer: { kind: "percentage", percent: 10 }, cap: 50 },
    ],
    [
      fromStore<ChannelId>("market"),
      { ...DEFAULT_RULES, isStopped: true, allocation: { by: "priority", locations: [], split: false } },
    ],
  ]),
  holdsPerClientMax: 5,
  heldShareMax: 20,
};

const fieldOf = (given: unknown): string => {
  const parsed = parsePolicy(given);
  return parsed.ok ? "none" : parsed.error.field;
};

describe("a policy as JSON", () => {
  it("comes back as it was stored", () => {
    expect(parsePolicy(JSON.parse(JSON.stringify(policyToJson(policy))))).toEqual({ ok: true, value: policy });
  });

  it("fills in what is left out with the defaults", () => {
    expect(parsePolicy({})).toEqual({ ok: true, value: DEFAULT_POLICY });
    expect(parseRules({ cap: 3 })).toEqual({ ok: true, value: { ...DEFAULT_RULES, cap: 3 } });
  });

  it("takes over known fields alone", () => {
    expect(parsePolicy({ strategy: "atomic", colour: "red" })).toEqual({ ok: true, value: DEFAULT_POLICY });
  });

  it.each([
    ["(root)", 7],
    ["strategy", { strategy: "hopeful" }],
    ["allocation.by", { allocation: { by: "luck" } }],
    ["allocation.locations", { allocation: { locations: ["1", "1"] } }],
    ["holdsPerClientMax", { holdsPerClientMax: -1 }],
    ["heldShareMax", { heldShareMax: 0 }],
    ["channels.a b", { channels: { "a b": {} } }],
    ["channels.market.buffer.units", { channels: { market: { buffer: { kind: "fixed", units: 1.5 } } } }],
    ["channels.market.buffer.percent", { channels: { market: { buffer: { kind: "percentage", percent: 101 } } } }],
    ["channels.market.buffer.kind", { channels: { market: { buffer: { kind: "some" } } } }],
    ["channels.market.cap", { channels: { market: { cap: -1 } } }],
    ["channels.market.zeroBelow", { channels: { market: { zeroBelow: "5" } } }],
    ["channels.market.excludedLocations", { channels: { market: { excludedLocations: [1] } } }],
    ["channels.market.isStopped", { channels: { market: { isStopped: "yes" } } }],
    ["channels.market.allocation.split", { channels: { market: { allocation: { split: 1 } } } }],
  ])("names the first field that is wrong: %s", (field, given) => {
    expect(fieldOf(given)).toBe(field);
  });
});
