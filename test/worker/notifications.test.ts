/** News from where it happens to where it is told. */
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { notifierOf, tendNotifications } from "../../src/wiring/notifier.ts";
import { news } from "../support/notifications.ts";
import { call, callWith } from "./support/api.ts";
import { until } from "./support/until.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

type Call = { readonly url: string; readonly headers: Headers; readonly body: string };

/** Everything that leaves, answered by `answer`. */
function listen(answer: () => Response = () => new Response("ok")): Call[] {
  const calls: Call[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit);
    calls.push({ url: request.url, headers: request.headers, body: await request.text() });
    return answer();
  });
  return calls;
}
const put = (id: string, body: object) => call("PUT", `/v1/destinations/${id}`, body);
const publish = (id: string, changes = {}) => notifierOf(env).publish([news({ id, ...changes })]);
const only = (id: string) => ({ filter: { skus: [id] } });
const ofSku = (sku: string) => ({ sku: sku as never, subject: sku });

describe("a webhook destination", () => {
  it("is told in JSON, signed by the secret that was shown when it was made, and once more by the one before", async () => {
    const calls = listen();
    const url = "https://hooks.example.com/news";
    const made = await put("signed", { type: "webhook", url, name: "Ops", ...only("SIGNED") });
    const first = String(made.body["secret"]);
    const rotated = await call("POST", "/v1/destinations/signed/rotate", {});
    await publish("signed-1", ofSku("SIGNED"));
    await until(
      async () => calls.length,
      (n) => n === 1,
    );
    const [got] = calls;
    const headers = Object.fromEntries(got?.headers ?? []);
    for (const secret of [first, String(rotated.body["secret"])]) {
      expect(new Webhook(secret).verify(got?.body ?? "", headers)).toMatchObject({
        type: "inventory.low_stock",
        data: { id: "signed-1", sku: "SIGNED", title: "CUP is low: 3 left", severity: "warning" },
      });
    }
    expect(got?.url).toBe(url);
    expect(JSON.stringify((await call("GET", "/v1/destinations/signed")).body)).not.toContain(first.slice(6, 30));
  });

  it("that answers 410 is told no more, and says why", async () => {
    listen(() => new Response("moved out,\nask jo@example.com", { status: 410 }));
    await put("gone", { type: "webhook", url: "https://gone.example.com/", name: "Gone", ...only("GONE") });
    await publish("gone-1", ofSku("GONE"));
    const seen = await until(
      async () => (await call("GET", "/v1/destinations/gone")).body,
      ({ state }) => state === "disabled",
    );
    expect(seen).toMatchObject({ stateReason: "the receiver answered 410", failures: 1 });
    const { deliveries } = (await call("GET", "/v1/destinations/gone/deliveries")).body as { deliveries: object[] };
    const said = { outcome: "gone", status: 410, reply: "moved out, ask [email]", ms: expect.any(Number) };
    expect(deliveries).toMatchObject([{ state: "given_up", history: [said] }]);
  });

  it("says what it answered to a test, a failure too, and that a breaker held it", async () => {
    listen(() => new Response("closed", { status: 503 }));
    await put("closed", { type: "webhook", url: "https://closed.example.com/", name: "Closed", ...only("CLOSED") });
    const test = async () => (await call("POST", "/v1/destinations/closed/test")).body;
    for (let n = 0; n < 3; n += 1)
      expect(await test()).toMatchObject({ told: false, reason: "HTTP_503", status: 503, reply: "closed" });
    const held = { told: false, reason: "the breaker holds it: HTTP_503", status: null, reply: null, ms: 0 };
    expect(await test()).toEqual({ id: "closed", ...held });
  });

  it("is refused where it points into somebody's own network, at another port, or not over https", async () => {
    for (const url of [
      ...[
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://2130706433/",
      ],
      ...[
        "https://metadata.google.internal/",
        "https://intranet/",
        "https://a.example.com:8443/",
        "https://u:p@a.example.com/",
      ],
    ]) {
      const answer = await put("inside", { type: "webhook", url, name: "Inside" });
      expect([url, answer.status, answer.body["field"]]).toEqual([url, 400, "url"]);
    }
  });
});

describe("a Slack-compatible destination", () => {
  it("is told in a few lines, at an address that is shown to nobody", async () => {
    const calls = listen();
    const url = "https://hooks.slack.example.com/services/T00/B00/secret-part";
    await put("slack", { type: "slack", url, name: "#stock", ...only("SLACK") });
    await publish("slack-1", { ...ofSku("SLACK"), title: "A <b> & c is low", severity: "critical" });
    await until(
      async () => calls.length,
      (n) => n === 1,
    );
    expect(calls[0]?.url).toBe(url);
    expect(JSON.parse(calls[0]?.body ?? "")).toMatchObject({ text: "Onhand: A &lt;b&gt; &amp; c is low" });
    const shown = JSON.stringify((await call("GET", "/v1/destinations")).body);
    expect(shown).not.toContain("secret-part");
    const { results } = await env.DB.prepare("SELECT * FROM notify_destinations WHERE id = 'slack'").all();
    expect(JSON.stringify(results)).not.toContain("secret-part");
    expect((await put("slack", { type: "slack", name: "#stock renamed", ...only("SLACK") })).body).toMatchObject({
      address: "hooks.slack.example.com",
    });
  });
});

describe("an e-mail destination", () => {
  it("says what this deployment lacks, instead of being silent", async () => {
    await put("mail", { type: "email", address: "ops@example.com", name: "Ops", ...only("MAIL") });
    expect((await call("POST", "/v1/destinations/mail/test")).body).toMatchObject({
      told: false,
      reason: expect.stringContaining("NOTIFICATIONS_FROM"),
    });
    const unbound = { NOTIFICATIONS_FROM: "onhand@example.com", EMAIL: undefined };
    expect((await callWith(unbound, "POST", "/v1/destinations/mail/test")).body).toMatchObject({
      told: false,
      reason: expect.stringContaining("no binding EMAIL"),
    });
  });
});

describe("what is news", () => {
  it("is an oversell's beginning, with the sales that it leaves short, and its end; each once", async () => {
    const base = { v: 1, kind: "oversell", skuId: "sku_n1", sku: "OVER", since: 4, peak: 2, sinceMs: 1, atMs: 5 };
    const sale = { kind: "order", id: "order/9/1", reference: "9", channel: "till-1", units: 2, short: 2, atMs: 5 };
    const begun = { ...base, version: 5, units: 2, sales: [sale], unexplained: 0, correlationId: "c-9" };
    const over = { ...base, version: 6, units: 0, sales: [], unexplained: 0, correlationId: "c-10" };
    for (const body of [begun, begun, over]) await env.NOTIFICATIONS.send(body);
    const { notifications } = await until(
      async () => (await call("GET", "/v1/notifications?sku=OVER")).body as { notifications: object[] },
      (found) => found.notifications.length === 2,
    );
    expect(notifications).toMatchObject([
      { severity: "info", title: "OVER is oversold no more" },
      { severity: "critical", title: "OVER is oversold by 2 units", channel: "till-1", values: { units: 2 } },
    ]);
    expect(JSON.stringify(notifications)).toContain("order 9 of till-1");
  });

  it("is that a destination is not called any more, and that it is again", async () => {
    const base = {
      v: 1,
      kind: "breaker",
      destination: "webhook/w.example.com",
      reason: "HTTP_503",
      openedAtMs: 7,
      atMs: 8,
    };
    for (const [from, to] of [
      ["closed", "open"],
      ["open", "half_open"],
      ["half_open", "open"],
      ["half_open", "closed"],
    ])
      await env.NOTIFICATIONS.send({ ...base, from, to });
    const found = await until(
      async () =>
        (
          (await call("GET", "/v1/notifications")).body as { notifications: { subject: string; kind: string }[] }
        ).notifications
          .filter(({ subject }) => subject === base.destination)
          .map(({ kind }) => kind),
      (kinds) => kinds.length === 2,
    );
    expect(found.toSorted()).toEqual(["breaker.closed", "breaker.opened"]);
  });

  it("is an alert's change under the name of what it is about", async () => {
    const alert = {
      ...{ v: 1, kind: "alert", id: "queue_lag/onhand-events/1", alert: "queue_lag", subject: "onhand-events" },
      ...{
        change: "fired",
        severity: "high",
        value: 27.123,
        threshold: 30,
        unit: "s",
        text: "Slow.",
        sinceMs: 1,
        atMs: Date.now(),
      },
    };
    await env.NOTIFICATIONS.send(alert);
    await env.NOTIFICATIONS.send(alert);
    const { notifications } = await until(
      async () => (await call("GET", "/v1/notifications?kind=queue.lagging")).body as { notifications: object[] },
      (found) => found.notifications.length > 0,
    );
    expect(notifications).toMatchObject([{ severity: "warning", title: "queue lag, onhand-events: 27.12 of 30 s" }]);
  });
});

describe("a digest", () => {
  it("goes out with the minute in which it is due, as one message", async () => {
    const calls = listen();
    const url = "https://digest.example.com/";
    await put("digest", { type: "webhook", url, name: "Digest", digestMinutes: 5, ...only("DIGEST") });
    await publish("digest-1", ofSku("DIGEST"));
    await publish("digest-2", ofSku("DIGEST"));
    await tendNotifications(env);
    expect(calls).toEqual([]);
    await env.DB.prepare("UPDATE deliveries SET due_at_ms = 1 WHERE destination_id = 'digest'").run();
    await tendNotifications(env);
    await until(
      async () => calls.length,
      (n) => n === 1,
    );
    const body = JSON.parse(calls[0]?.body ?? "") as { type: string; data: { notifications: { id: string }[] } };
    expect(body.type).toBe("notification.digest");
    expect(body.data.notifications.map(({ id }) => id)).toEqual(["digest-1", "digest-2"]);
  });
});
