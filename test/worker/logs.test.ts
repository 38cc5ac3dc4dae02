/** What the real Worker logs while strangers, customers and secrets pass through it: everything it says, and nothing of them. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { adjust, call, callWith } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE, SHOP } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { TEST_ENV } from "./support/test-env.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody } from "./support/webhooks.ts";

let lines: string[];

beforeEach(() => {
  lines = [];
  for (const level of ["info", "warn", "error", "log", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...given: unknown[]) => void lines.push(given.map(String).join(" ")));
});
afterEach(() => vi.restoreAllMocks());

/** Each is in a body, a header, an address or an error below, and in no line. */
const PRIVATE = [
  ...["norman", "smithers", "example.org", "chestnut", "151 2345", "203.0.113", "gift for my wife", "4111"],
  ...["hunter2hunter2", "shpat_", TEST_ENV.ADMIN_TOKEN, TEST_ENV.SHOPIFY_CLIENT_SECRET],
];

const CUSTOMER = {
  ...{ email: "norman@example.org", phone: "+49 151 2345 6789", note: "gift for my wife", browser_ip: "203.0.113.9" },
  customer: { first_name: "Norman", last_name: "Smithers", password: "hunter2hunter2" },
  shipping_address: { name: "Norman Smithers", address1: "12 Chestnut Street" },
  payment_details: { credit_card_number: "4111 1111 1111 1111", token: "shpat_0123456789abcdef0123456789abcdef" },
};

/** An order with a shape that we do not know, and everything in it that we must not keep. */
const strange = { id: "no id", line_items: "none", ...CUSTOMER };
const order = (variant: string) => ({
  ...{ id: 99, created_at: new Date().toISOString(), updated_at: new Date().toISOString(), ...CUSTOMER },
  line_items: [
    {
      id: 991,
      variant_id: Number(variant),
      sku: "",
      quantity: 1,
      variant_inventory_management: "shopify",
      name: "For Norman",
    },
  ],
});

const heard = () =>
  lines.flatMap((line) => {
    try {
      return [(JSON.parse(line) as { event?: string }).event ?? ""];
    } catch {
      return [];
    }
  });

it("has no personal data and no secret in any line, from ingress to dead letters and errors", async () => {
  await stock("LOGS-1", "9201", 5);
  const text = JSON.stringify;
  await deliver({ topic: "orders/create", body: text(order("9201")) });
  await deliver({ topic: "orders/create", body: text(order("888888")) }); // dies: nobody knows the variant
  await deliver({ topic: "orders/create", body: text(strange) });
  await deliver({ topic: "orders/create", body: `{"email": norman@example.org}` });
  await deliver({ topic: "orders/create", body: text(strange), secret: "hunter2hunter2" });
  await deliver({ topic: "norman@example.org", body: text(strange), shop: "norman.smithers@example.org" });
  await deliver({ topic: "inventory_levels/update", body: levelBody("9201", HERE, 4, new Date().toISOString()) });
  const poison = { v: 1, kind: "note", ...CUSTOMER };
  for (const queue of ["onhand-events", "onhand-shopify-sync", "onhand-notifications", "onhand-events-dlq"])
    await handOver(queue, message(`poison-${queue}`, poison));
  await adjust("LOGS-1", { delta: -1, reason: "norman@example.org", reference: "Norman Smithers" }).catch(() => null);
  await call("POST", "/v1/inventory/norman@example.org/adjustments", `{"note": "Norman Smithers`, {
    "idempotency-key": "norman@example.org",
    "x-correlation-id": "norman@example.org",
  });
  await call("GET", "/v1/inventory/LOGS-1", undefined, { authorization: "Bearer hunter2hunter2" });
  // A part that breaks with what it was given in its mouth.
  const message_ = `cannot store {"email":"norman@example.org","token":"${TEST_ENV.ADMIN_TOKEN}"} for https://norman:hunter2hunter2@db.internal.test/x`;
  const broken = () => {
    throw new Error(message_);
  };
  await callWith({ DB: { prepare: broken, batch: broken } }, "GET", "/v1/dead-letters");
  await callWith({ SKU_COUNTER: { idFromName: broken } }, "GET", "/v1/inventory/LOGS-1");
  await until(
    async () => heard(),
    (events) =>
      events.includes("events.consumed") && events.filter((name) => name === "dead_letter.stored").length >= 5,
  );
  const expected = [
    "webhook.accepted",
    "webhook.refused",
    "dead_letter.stored",
    "events.consumed",
    "request.unavailable",
  ];
  expect(expected.filter((event) => !heard().includes(event))).toEqual([]);
  const told = lines.filter((line) => PRIVATE.some((word) => line.toLowerCase().includes(word.toLowerCase())));
  expect(told).toEqual([]);
  const allowed = /^\{"level":"(?:info|warn|error)","event":"[a-z_]+\.[a-z_]+"/;
  expect(lines.filter((line) => !allowed.test(line))).toEqual([]);
});

it("keeps none of it in the journal either", async () => {
  const stored = () => env.DB.prepare("SELECT * FROM event_journal").all();
  const { results } = await until(stored, (all) => all.results.some(({ step }) => step === "written"));
  const rows = results
    .map((row) => JSON.stringify(row).toLowerCase())
    .filter((row) => row.includes(SHOP) || row !== "");
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.filter((row) => PRIVATE.some((word) => row.includes(word.toLowerCase())))).toEqual([]);
});
