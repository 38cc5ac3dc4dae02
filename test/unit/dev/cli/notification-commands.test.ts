import { describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const AT = "2026-11-28T09:00:00.000Z";
const NEWS = {
  id: "low/1",
  at: AT,
  kind: "inventory.low_stock",
  severity: "warning",
  title: "CUP is low: 3 left",
  text: "Order.",
};
const DELIVERY = {
  ...{ id: "dlv_1", notificationId: "low/1", destinationId: "ops", state: "given_up", attempts: 2, dueAt: AT },
  history: [
    { at: AT, outcome: "failed", reason: "TimeoutError: no reply in time", status: null, reply: null, ms: 10_000 },
    { at: AT, outcome: "failed", reason: "HTTP_503", status: 503, reply: "closed", ms: 31 },
  ],
};
const DESTINATION = {
  ...{
    id: "ops",
    type: "webhook",
    name: "Ops",
    address: "https://hooks.example.com/",
    state: "disabled",
    failures: 20,
  },
  ...{
    stateReason: "the receiver answered 410",
    filter: { kinds: ["inventory.*"], minSeverity: "info" },
    digestMinutes: 5,
  },
};
const say = (words: string, flags: Record<string, unknown>, answer: unknown) =>
  sayCommand(words.split(" "), flags, () => answer);

describe("onhand notifications", () => {
  it("shows the newest, and says when there are more", async () => {
    const { calls, text } = await say(
      "notifications",
      { kind: "inventory.low_stock", sku: ["CUP"] },
      { notifications: [NEWS], next: "7/low/1" },
    );
    expect(calls[0]?.[1]).toBe("/v1/notifications?limit=50&kind=inventory.low_stock&sku=CUP");
    expect(text).toContain("CUP is low: 3 left");
    expect(text).toContain("narrow it");
    expect((await say("notifications", {}, { notifications: [], next: null })).text).toBe("There is no news.");
  });

  it("shows one, and who was told", async () => {
    const { calls, text } = await say("notifications low/1", {}, { ...NEWS, deliveries: [DELIVERY] });
    expect(calls[0]?.[1]).toBe("/v1/notifications/low%2F1");
    expect(text.split("\n").slice(-3)).toEqual([
      "DELIVERY  TO   STATE     TRIES  AT                        WHAT CAME OF IT",
      `dlv_1     ops  given_up  2      ${AT}  failed: TimeoutError: no reply in time, after 10000 ms`,
      `                                ${AT}  failed: HTTP_503 in 31 ms: "closed"`,
    ]);
  });

  it("shows when one will be tried that was not, or failed so far", async () => {
    const waiting = { ...DELIVERY, state: "waiting" };
    const { text } = await say("notifications low/1", {}, { ...NEWS, deliveries: [waiting] });
    expect(text).toContain(`waiting  2      ${AT}  is due\n`);
    expect(text).toContain("HTTP_503");
  });
});

describe("onhand destinations", () => {
  it("lists them, with why one is told no more", async () => {
    const { text } = await say("destinations", {}, { destinations: [DESTINATION] });
    expect(text).toContain("disabled: the receiver answered 410");
    expect(text).toContain("every 5 min");
    expect((await say("destinations", {}, { destinations: [] })).text).toContain("Nobody is told");
  });

  it("makes one of what is said, and shows its secret", async () => {
    const flags = {
      ...{ webhook: "https://hooks.example.com/", name: "Ops", kinds: "inventory.*,reorder.*", severity: "warning" },
      ...{ digest: "60", quiet: "22:00-07:00", zone: "Europe/Berlin", sku: ["SHIRT-*"] },
    };
    const { calls, text } = await say("destinations put ops", flags, { ...DESTINATION, secret: "whsec_x" });
    expect(calls[0]).toMatchObject([
      "PUT",
      "/v1/destinations/ops",
      {
        ...{ type: "webhook", url: "https://hooks.example.com/", name: "Ops", digestMinutes: 60 },
        filter: { kinds: ["inventory.*", "reorder.*"], minSeverity: "warning", skus: ["SHIRT-*"] },
        quietHours: { from: "22:00", to: "07:00", timeZone: "Europe/Berlin" },
      },
    ]);
    expect(text).toContain("whsec_x");
  });

  it("makes one under an id that is made for it, once with a key", async () => {
    const flags = { slack: "https://hooks.slack.com/services/x", name: "#stock", key: "setup-1" };
    const { calls, text } = await say("destinations add", flags, { ...DESTINATION, id: "stock-3f2a91c0" });
    const body = { type: "slack", url: flags.slack, name: "#stock", filter: {} };
    expect(calls).toEqual([["POST", "/v1/destinations", body, { "idempotency-key": "setup-1" }]]);
    expect(text).toBe("stock-3f2a91c0 is told at https://hooks.example.com/.");
    const again = await say("destinations add", { ...flags, key: undefined }, DESTINATION);
    expect(again.calls[0]?.[3]?.["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ["destinations add", { name: "Ops" }],
    ["destinations put ops", { name: "Ops" }],
    ["destinations put ops", { webhook: "https://a.example.com", slack: "https://b.example.com", name: "Ops" }],
    ["destinations put ops", { webhook: "https://a.example.com", name: "Ops", quiet: "22-7" }],
    ["destinations put ops", { webhook: "https://a.example.com", name: "Ops", digest: "soon" }],
    ["destinations test", {}],
    ["destinations resend", {}],
  ])("says how it is said: %s %j", async (words, flags) => {
    await expect(say(words, flags, {})).rejects.toThrow(/Say|Name|Quiet|digest/);
  });

  it("tests one, and fails when it was not told", async () => {
    const test = (told: boolean, status: number | null, reply: string | null, reason: string | null) =>
      say("destinations test ops", {}, { told, status, reply, reason, ms: 8 });
    expect(await test(true, 200, "thanks", null)).toMatchObject({ text: 'Told: 200 in 8 ms: "thanks".', code: 0 });
    expect((await test(true, null, null, null)).text).toBe("Told: handed over in 8 ms.");
    expect(await test(false, 503, "x".repeat(81), "HTTP_503")).toMatchObject({
      text: `Not told: HTTP_503 in 8 ms: "${"x".repeat(80)}…".`,
      code: 1,
    });
  });

  it("rotates, enables, removes, shows deliveries and resends one", async () => {
    expect((await say("destinations rotate ops", {}, { secret: "whsec_y", previousRetiresAt: AT })).text).toContain(
      "whsec_y",
    );
    expect((await say("destinations enable ops", {}, DESTINATION)).calls[0]?.[1]).toBe("/v1/destinations/ops/enable");
    expect((await say("destinations remove ops", {}, {})).calls[0]?.[0]).toBe("DELETE");
    expect((await say("destinations deliveries ops", {}, { deliveries: [DELIVERY] })).text).toContain("dlv_1");
    expect((await say("destinations resend dlv_1", {}, DELIVERY)).text).toContain("sent again to ops");
  });
});
