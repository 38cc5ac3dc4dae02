/**
 * What Sentry really gets over the wire, from workerd through toucan-js: the event is there, and nothing that is nobody's
 * business.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import type { Told } from "../../../src/services/alerts/tell-alert.ts";
import { type Loopback, startLoopback } from "../../support/alerts/loopback.ts";
import type { SentryCall } from "../../support/alerts/sentry-call.ts";

const worker = createTestHarness({
  workers: [
    {
      config: {
        name: "sentry-test",
        main: new URL("../../worker/support/sentry-worker.ts", import.meta.url).pathname,
        compatibility_date: "2026-10-30",
      },
    },
  ],
});
beforeAll(() => worker.listen());
afterAll(() => worker.close());

let ingest: Loopback;
let dsn: string;
beforeEach(async () => {
  ingest = await startLoopback();
  dsn = ingest.url.replace("://", "://0123456789abcdef@").concat("/42");
});
afterEach(() => ingest.close());

type Event = Record<string, unknown> & {
  readonly exception?: {
    readonly values: readonly { readonly type: string; readonly value: string; readonly stacktrace: unknown }[];
  };
};

/** An envelope: a line of headers, and per item a line of headers and one of content. */
function eventOf(body: string): Event {
  const [head, item, event] = body.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(head).toHaveProperty("event_id");
  expect(item).toMatchObject({ type: "event" });
  return event as Event;
}

/** @returns what the Worker threw instead of answering; "": nothing */
async function call(what: SentryCall["what"]): Promise<string> {
  const response = await worker.fetch("/", {
    method: "POST",
    body: JSON.stringify({ dsn, what } satisfies SentryCall),
  });
  return response.text();
}

async function reported(error: Extract<SentryCall["what"], { kind: "error" }>["error"], correlationId?: string) {
  expect(await call({ kind: "error", error, ...(correlationId === undefined ? {} : { correlationId }) })).toBe("");
  return ingest.received.map(({ body }) => body).join();
}

const SECRETS = {
  email: "norman.bates@example.com",
  token: "shpat_0123456789abcdef0123456789abcdef",
  key: "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
  name: "Norman Bates",
  street: "12 Old Highway Road",
  strasse: "Lange Straße 7",
  phone: "+1 (555) 123-4567",
  card: "4242 4242 4242 4242",
  address: "203.0.113.77",
  query: "hunter2hunter2",
} as const;

describe("Sentry, of an error", () => {
  it("gets one envelope at the project's address, with the event in it: type, scrubbed message, stack, release and correlation id", async () => {
    const body = await reported(
      { name: "TypeError", message: "cannot read the level of SKU-9 after 3 tries" },
      "correlation-1",
    );
    expect(ingest.received).toHaveLength(1);
    expect(ingest.received[0]?.path).toMatch(/^\/api\/42\/envelope\/\?.*sentry_key=0123456789abcdef/);
    const event = eventOf(body);
    expect(event).toMatchObject({
      ...{ environment: "production", release: "v7", level: "error", tags: { correlationId: "correlation-1" } },
      exception: { values: [{ type: "TypeError", value: "cannot read the level of SKU-9 after 3 tries" }] },
    });
    expect(JSON.stringify(event.exception?.values[0]?.stacktrace)).toContain("thrower");
  });

  it("gets no secret and no personal field, wherever the error carries them", async () => {
    const text = `order of ${SECRETS.name}, ${SECRETS.street}, ${SECRETS.strasse}, ${SECRETS.phone} <${SECRETS.email}> card ${SECRETS.card} from ${SECRETS.address} refused: Authorization: ${SECRETS.key}, X-Shopify-Access-Token: ${SECRETS.token}, https://norman:pw@shop.example/admin?password=${SECRETS.query}`;
    const extra = { request: { headers: { authorization: SECRETS.key } }, customer: SECRETS.email };
    const body = await reported({ name: "Error", message: text, cause: `cause: ${text}`, extra });
    expect(eventOf(body).exception?.values[0]?.value).toContain("refused");
    expect(Object.entries(SECRETS).filter(([, secret]) => body.includes(secret))).toEqual([]);
    expect(body).not.toMatch(/bates|norman|@example|shpat_|eyJ|highway|hunter2|203\.0|4242/i);
  });

  it("gets nothing of what was thrown that is no error", async () => {
    const body = await reported({ name: null, message: "", extra: { email: SECRETS.email, note: SECRETS.name } });
    expect(eventOf(body)).not.toHaveProperty("extra");
    expect(body).not.toMatch(/bates|@example/i);
  });

  it("gets no request, user, breadcrumb, header or server name", async () => {
    const event = eventOf(await reported({ name: "Error", message: "plain" }, "correlation-2"));
    expect(Object.keys(event).sort()).toEqual(
      ["environment", "event_id", "exception", "level", "platform", "release", "sdk", "tags", "timestamp"].sort(),
    );
  });
});

const CHANGE: Told = {
  ...{ id: "queue_lag/onhand-events/1/critical", alert: "queue_lag", subject: "onhand-events", change: "fired" },
  ...{ severity: "critical", value: 45, threshold: 30, unit: "s", sinceMs: 1, atMs: 2 },
  text: "The oldest message of queue onhand-events waits 45 s (threshold 30 s). What to do: runbook, alert queue_lag.",
};

describe("Sentry, of an alert", () => {
  const tell = (change: Told): Promise<string> => call({ kind: "alert", change });

  it("gets a message of the alert's level, tagged, all changes of it as one issue", async () => {
    expect(await tell(CHANGE)).toBe("");
    expect(await tell({ ...CHANGE, change: "recovered", text: "Queue onhand-events is quick again." })).toBe("");
    const [fired, over] = ingest.received.map(({ body }) => eventOf(body));
    expect(fired).toMatchObject({
      ...{ message: CHANGE.text, level: "fatal", fingerprint: ["alert", "queue_lag", "onhand-events"] },
      tags: { alert: "queue_lag", subject: "onhand-events", change: "fired", severity: "critical" },
    });
    expect(over).toMatchObject({ level: "info", fingerprint: fired?.["fingerprint"], tags: { change: "recovered" } });
  });

  it("that did not take it is tried again: the refusal is told to whoever sends", async () => {
    ingest.status = 429;
    expect(await tell(CHANGE)).toBe("Error: Sentry answered 429");
    await ingest.close();
    expect(await tell(CHANGE)).not.toBe("");
  });
});
