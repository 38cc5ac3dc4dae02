/** What is posted to others is what the document says of it. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { alertHookBody } from "../../../src/api/openapi/webhooks-alerts.ts";
import { notificationHookBody } from "../../../src/api/openapi/webhooks-notifications.ts";
import { alertWebhook } from "../../../src/channels/alerts/alert-webhook.ts";
import { type CorrelationId, fromStore, type LocationId, type Sku } from "../../../src/domain/ids.ts";
import type { Notification } from "../../../src/domain/notification/notification.ts";
import { webhookBody } from "../../../src/domain/notification/render.ts";

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
        ...{ url: "https://hooks.example.com/", secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", timeoutMs: 1_000 },
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
