import { describe, expect, it } from "vitest";
import type { ShownChannel } from "../../../../dev/cli/channel-card.ts";
import { ApiProblem } from "../../../../dev/cli/client.ts";
import { sayCommand } from "../../../support/cli/say-command.ts";

const AT = "2026-11-28T09:00:00.000Z";
const WMS: ShownChannel = {
  ...{ id: "wms-main", type: "wms", adapter: "onhand", name: "Warehouse", direction: "both", state: "active" },
  ...{ endpoint: "https://wms.example.com/onhand", stateReason: null, stateBy: null, stateSince: AT, readOnly: false },
  ...{ locations: { north: "61", south: "62" }, listings: "by_sku", listingCount: 0, eventTypes: null },
  outbound: { levels: false, orders: ["*"], reorders: true, batchMax: 100, callsPerSecond: 5 },
  countApproval: { units: 10, percent: 10 },
  secrets: {
    signing: [
      { version: 2, createdAt: AT, retiresAt: null },
      { version: 1, createdAt: AT, retiresAt: AT },
    ],
    credentials: [],
  },
};
const HEALTHY = { verdict: "healthy", reasons: [], lastReceivedAt: AT, lastSentAt: null };

const show = (channel: Partial<ShownChannel>, rules: unknown = null, health: unknown = HEALTHY) =>
  sayCommand(["channels", "show", "wms-main"], {}, (n) => {
    if (n === 2 && health instanceof Error) throw health;
    return [{ ...WMS, ...channel }, { rules }, health][n];
  });

describe("onhand channels show", () => {
  it("says what it is, what it is told, and how it is, a line each", async () => {
    const { calls, text } = await show({});
    expect(calls.map(([, path]) => path)).toEqual([
      ...["/v1/channels/wms-main", "/v1/channels/wms-main/rules", "/v1/channels/wms-main/health"],
    ]);
    expect(text.split("\n").map((line) => line.replace(/ {2,}/, " | "))).toEqual([
      "wms-main: Warehouse",
      `health | healthy (last heard ${AT}, last told never)`,
      `state | active since ${AT}`,
      "type | wms, speaks onhand",
      "direction  both: it tells us, and we tell it".replace(/ {2,}/, " | "),
      "endpoint | https://wms.example.com/onhand",
      "is told | orders of all others, reorders",
      "tells | every type of event",
      "listings | by our SKUs",
      "locations  north = 61, south = 62".replace(/ {2,}/, " | "),
      "counts | wait for a person beyond 10 units or 10 %",
      "rules | none: it may show all",
      `secrets | signing 2 since ${AT}, signing 1 until ${AT}`,
    ]);
  });

  it("says why it is paused and what does not pass, and the rules in words", async () => {
    const paused = {
      state: "paused",
      stateReason: "its receiver answered 410 Gone",
      stateBy: "receiver",
      readOnly: true,
    };
    const rules = { buffer: { kind: "percentage", percent: 10 }, zeroBelow: 3, cap: 50, excludedLocations: ["62"] };
    const health = { ...HEALTHY, verdict: "failing", reasons: ["breaker open", "2 dead letters wait"] };
    const { text } = await show({ ...paused, name: "wms-main" }, rules, health);
    expect(text).toContain(`paused since ${AT} by receiver: its receiver answered 410 Gone; read-only`);
    expect(text).toContain("failing: breaker open, and 1 more (last heard");
    expect(text).toContain("10 % kept back, 0 shown below 3, at most 50 shown, nothing of 62 (a SKU's own go before)");
    expect(text.split("\n")[0]).toBe("wms-main");
  });

  it("says of a channel that only tells us that it is told nothing, and of a mapped one how many items it has", async () => {
    const { text } = await show({
      ...{ direction: "in", endpoint: null, listings: "mapped", listingCount: 7, locations: {} },
      ...{ eventTypes: ["order.created"], countApproval: { units: null, percent: null } },
      secrets: { signing: [], credentials: [{ name: "access_token", createdAt: AT }] },
    });
    for (const line of ["is told    nothing", "tells      order.created", "mapped: 7 items", "all, by our ids"])
      expect(text).toContain(line);
    expect(text).toContain("are booked");
    expect(text).toContain(`access_token since ${AT}`);
  });

  it("goes on where nobody can say how it is, and not where there is no such channel", async () => {
    const { text } = await show({}, null, new ApiProblem(503, "unavailable", "away", 1));
    expect(text).toContain("not known just now");
    await expect(show({}, null, new ApiProblem(404, "not_found", "no", null))).rejects.toThrow("no");
  });
});
