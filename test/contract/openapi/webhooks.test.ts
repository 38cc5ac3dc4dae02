/** What is posted to others is what the document says of it. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { alertHookBody } from "../../../src/api/openapi/webhooks-alerts.ts";
import { notificationHookBody } from "../../../src/api/openapi/webhooks-notifications.ts";
import {
  channelTestHookBody,
  fulfilmentHookBody,
  levelsHookBody,
  reorderHookBody,
} from "../../../src/api/wire/channel-documents-out.ts";
import { alertWebhook } from "../../../src/channels/alerts/alert-webhook.ts";
import { tellChannel } from "../../../src/channels/webhook/tell-channel.ts";
import type { Channel } from "../../../src/domain/channel/channel.ts";
import { fulfilmentOf, NO_FACTS } from "../../../src/domain/channel/fulfilment.ts";
import { levelRowsOf } from "../../../src/domain/channel/level-rows.ts";
import { reorderDocument } from "../../../src/domain/channel/reorder-document.ts";
import { type CorrelationId, fromStore, type LocationId, type Sku } from "../../../src/domain/ids.ts";
import type { Notification } from "../../../src/domain/notification/notification.ts";
import { webhookBody } from "../../../src/domain/notification/render.ts";
import { DEFAULT_RULES } from "../../../src/domain/policy/sku-policy.ts";
import type { ChannelMessageType } from "../../../src/services/channels/channel-call.ts";
import { channelDraft } from "../../support/channels/draft.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const NOW_MS = Date.parse("2026-11-28T09:00:00Z");
/** As it arrives. */
const onTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const news: Notification = {
  ...{ id: "low/1", kind: "inventory.low_stock", severity: "warning", subject: "TEE-M", title: "low", text: "4 left" },
  ...{ atMs: NOW_MS, sku: fromStore<Sku>("TEE-M"), locationId: fromStore<LocationId>("61"), channel: null },
  ...{
    correlationId: fromStore<CorrelationId>("cause-1234"),
    data: { left: 4, name: "x", isLow: true, nothing: null },
  },
};

describe("a notification", () => {
  it.each([
    ["one", [news]],
    ["a digest", [news, { ...news, id: "low/2", sku: null }]],
  ])("of %s is of its schema", (_, told) => {
    expect(notificationHookBody.safeParse(onTheWire(webhookBody(told, NOW_MS))).error?.issues).toBeUndefined();
  });

  it("with a field that is not described is not", () => {
    const body = webhookBody([news], NOW_MS);
    expect(notificationHookBody.safeParse({ ...body, more: 1 }).success).toBe(false);
  });
});

const LIMITS = { timeoutMs: 1_000, replyBytesMax: 10_000, replyCharsMax: 500 };

describe("an alert", () => {
  it.each(["fired", "escalated", "recovered"] as const)(
    "that has %s is of its schema, signed under its id",
    async (change) => {
      const sent: RequestInit[] = [];
      vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
        sent.push(init ?? {});
        return new Response(null, { status: 204 });
      });
      const destination = alertWebhook({
        ...{ url: "https://hooks.example.com/", secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", limits: LIMITS },
        nowMs: () => NOW_MS,
        through: (call) => call(),
      });
      const told = await destination.tell({
        ...{ id: "a/1", alert: "queue_lag", subject: "q", change, severity: "critical", value: 74, threshold: 60 },
        ...{ unit: "s", text: "it waits", sinceMs: NOW_MS - 1_000, atMs: NOW_MS },
      });
      expect(told).toEqual({ kind: "told" });
      const [{ body, headers } = {}] = sent;
      expect(alertHookBody.safeParse(JSON.parse(String(body))).error?.issues).toBeUndefined();
      const names = Object.keys(headers as Record<string, string>);
      expect(names).toEqual(
        expect.arrayContaining(["webhook-id", "webhook-timestamp", "webhook-signature", "idempotency-key"]),
      );
    },
  );
});

describe("what a channel is told", () => {
  const channel: Channel = {
    ...channelDraft({ locations: new Map([["north", fromStore<LocationId>("61")]]) }),
    ...{ state: "active", readOnly: false, revision: 1 },
  };
  const secrets = { signing: ["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"], credentials: {} };

  /** Body of the one call that is made. */
  async function told(type: ChannelMessageType, data: unknown): Promise<unknown> {
    const bodies: string[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
      bodies.push(String(init?.body));
      return new Response(null, { status: 204 });
    });
    const tell = tellChannel({
      ...{ limits: LIMITS, nowMs: () => NOW_MS, onCalled: () => undefined },
      through: (_channel, _pace, call) => call(),
    });
    expect(await tell({ channel, secrets }, { type, data, content: "c", urgent: false })).toMatchObject({
      kind: "taken",
    });
    return JSON.parse(bodies[0] ?? "");
  }

  it("of levels is of its schema", async () => {
    const levels = levelRowsOf(channel, ["A-1"], {
      ...{ sku: fromStore("TEE-M"), channel: channel.id, version: 7, rulesFrom: "nobody", rules: DEFAULT_RULES },
      ...{ sellable: 3, withheld: 0, certain: 3, asOf: "2026-11-28T09:00:00.000Z" },
      locations: [{ locationId: fromStore("61"), available: 3, withheld: 0, sellable: 3 }],
    });
    expect(levels).toHaveLength(1);
    expect(levelsHookBody.safeParse(await told("stock.levels", { levels })).error?.issues).toBeUndefined();
  });

  it("of an order is of its schema", async () => {
    const order = { orderId: "1", orderChannel: channel.id, version: 2 };
    const lines = { "1": { sku: "TEE-M", quantity: 2, locationId: "61" } };
    const data = fulfilmentOf(order, { ...NO_FACTS, lines }, () => "north");
    expect(fulfilmentHookBody.safeParse(await told("order.fulfilment", data)).error?.issues).toBeUndefined();
  });

  it.each(["open", "cancelled"] as const)("of a reorder that is %s is of its schema", async (state) => {
    const { type, data } = reorderDocument(channel, fromStore<Sku>("TEE-M"), null, {
      ...{ id: "ro_1", key: "k", state, trigger: "hand", quantity: 12, received: 0, available: 2, reason: "low" },
      ...{ version: 1, locationId: fromStore<LocationId>("61"), requestedAtMs: NOW_MS, neededByMs: NOW_MS },
      ...{ closedAtMs: null, closedReason: null },
    } as unknown as Parameters<typeof reorderDocument>[3]);
    expect(reorderHookBody.safeParse(await told(type, data)).error?.issues).toBeUndefined();
  });

  it("to see whether it hears is of its schema", async () => {
    expect(channelTestHookBody.safeParse(await told("channel.test", {})).error?.issues).toBeUndefined();
  });
});
