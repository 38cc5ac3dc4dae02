/**
 * An outage as its operator hears of it: from the cron through queue and consumer to a webhook and to Sentry, both of them real
 * HTTP servers here, and that it is over.
 */
import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { ordinarySkus, seedDemoShop } from "../../dev/demo/demo-shop.ts";
import { startStack } from "../../dev/stack/stack.ts";
import { type Loopback, startLoopback } from "../support/alerts/loopback.ts";

const SECRET = "secret of the operator";

type Told = { readonly type: string; readonly data: { readonly alert: string; readonly subject: string } };

async function untilSo(isSo: () => boolean, what: () => string): Promise<void> {
  for (const deadlineMs = Date.now() + 60_000; !isSo(); ) {
    if (Date.now() > deadlineMs) throw new Error(`it did not come to that: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const toldBy = (hook: Loopback, alert: string): readonly string[] =>
  hook.received
    .map(({ body }) => JSON.parse(body) as Told)
    .flatMap(({ type, data }) => (data.alert === alert ? [type] : []));

it("tells an outage of Shopify to webhook and Sentry, once each, and its end, without a secret in it", async () => {
  const [hook, ingest] = [await startLoopback(), await startLoopback()];
  const stack = await startStack({
    ...{ port: 0, foreign: null, simulator: { seed: 5, courier: { retryScale: 0.001 } }, seed: seedDemoShop },
    settings: {
      ...{ ALERT_WEBHOOK_URL: `${hook.url}/alerts`, ALERT_WEBHOOK_SECRET: SECRET },
      SENTRY_DSN: `${ingest.url.replace("://", "://0123456789abcdef@")}/42`,
    },
    timing: { alertMinuteMs: 2_000 },
    say: () => {},
  });
  try {
    const { simulator, client } = stack;
    if (simulator === null) throw new Error("no simulator");
    simulator.startOutage(12_000);
    for (const [i, sku] of ordinarySkus(simulator).slice(0, 30).entries())
      await client.call(
        "POST",
        `/v1/inventory/${encodeURIComponent(sku)}/adjustments`,
        { delta: 1, reason: "receipt" },
        { "idempotency-key": `alerts-${i}` },
      );
    const inWords = (): string => hook.received.map(({ body }) => body).join("\n");
    await untilSo(() => toldBy(hook, "breaker_open").includes("alert.recovered"), inWords);
    await untilSo(() => ingest.received.some(({ body }) => body.includes('"recovered"')), inWords);
    expect(toldBy(hook, "breaker_open")).toEqual(["alert.fired", "alert.recovered"]);
    for (const { headers, body } of hook.received) {
      const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
      const signature = createHmac("sha256", SECRET).update(signed).digest("base64");
      expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
    }
    const ids = hook.received.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(ids.length);
    const envelopes = ingest.received.filter(({ body }) => body.includes('"breaker_open"'));
    expect(envelopes).toHaveLength(2);
    const all = [...hook.received, ...ingest.received].map(({ body }) => body).join();
    const secrets = [SECRET, stack.file.adminToken, stack.file.redis.token, stack.file.shopify.webhookSecret, "shpat_"];
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  } finally {
    await stack.stop();
    await Promise.all([hook.close(), ingest.close()]);
  }
});
