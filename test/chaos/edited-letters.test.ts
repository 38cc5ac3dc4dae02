/** Letters that need a person: edited by two at once, edited wrongly, and what is kept of a person's data meanwhile. */
import { gunzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Order } from "../../dev/shopify-simulator/model/shop-model.ts";
import { orderBody } from "../../dev/shopify-simulator/payloads/order-body.ts";
import { ask, type Reply } from "./support/asks.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import type { Letter } from "./support/letters.ts";
import { skuIdOf } from "./support/objects.ts";
import { postWebhook } from "./support/post-webhook.ts";
import { DIES_MS_MAX, letTimePass, lettersOf, untilDead, untilSettled } from "./support/replays.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 64 });

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** An order of which Shopify tells by levels alone: its own news are the test's to post. */
async function buyUntold(calm: Calm, sku: string, quantity: number): Promise<Order> {
  const { simulator } = calm;
  simulator.patchFaults({ webhooks: { dropRate: { "orders/create": 1 } } });
  try {
    const order = calm.buy([sku, quantity]);
    await simulator.idle();
    return order;
  } finally {
    simulator.patchFaults({ webhooks: { dropRate: 0 } });
  }
}

/** Ids of more digits than a number holds become text. */
const bodyOf = ({ simulator }: Calm, order: Order): Record<string, unknown> =>
  JSON.parse(JSON.stringify(orderBody(order, simulator.shop)).replace(/:(\d{16,})/g, ':"$1"')) as Record<
    string,
    unknown
  >;

const edit = ({ stack }: Calm, { id }: Letter, version: number, payload: unknown): Promise<Reply> =>
  ask(stack, "POST", `/v1/dead-letters/${id}/edit`, { payload }, { "if-match": `"${version}"` });

async function one(calm: Calm, query: string): Promise<Letter> {
  const [letter] = await lettersOf(calm, query);
  if (letter === undefined) throw new Error(`no letter: ${query}`);
  return letter;
}

describe("a dead letter", () => {
  it("is edited by two people, and dies meanwhile: who has not seen that is told to read it again", async () => {
    const calm = world();
    const order = await buyUntold(calm, calm.sku(), 2);
    const body = bodyOf(calm, order);
    const posted = { topic: "orders/create", body: JSON.stringify({ ...body, line_items: "two" }) };
    const { eventId } = await postWebhook(calm, posted);
    const query = "code=wrong_shape&status=waiting";
    const first = await one(calm, query);
    await postWebhook(calm, { ...posted, webhookId: eventId.split("/").at(-1) ?? "" });
    const died = await one(calm, query);
    expect(died).toMatchObject({ id: first.id, deaths: 2, version: first.version + 1 });
    expect(await edit(calm, first, first.version, body)).toMatchObject({
      ...{ status: 412, body: { code: "version_mismatch", version: died.version } },
    });
    await calm.nothingIsLost({ waiting: [eventId] });
    const both = await Promise.all([edit(calm, died, died.version, body), edit(calm, died, died.version, body)]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 412]);
    await calm.nothingIsLost();
  });

  it("is edited wrongly: each field is named, nothing is kept or sent; then it is mended, and counts", async () => {
    const calm = world();
    const order = await buyUntold(calm, calm.sku(), 1);
    const body = bodyOf(calm, order);
    const wrong = { ...body, created_at: "yesterday", line_items: [{ id: "x", quantity: -1 }] };
    const { eventId } = await postWebhook(calm, { topic: "orders/create", body: JSON.stringify(wrong) });
    const letter = await one(calm, "code=wrong_shape&status=waiting");
    const refused = await edit(calm, letter, letter.version, wrong);
    expect(refused).toMatchObject({ status: 422, body: { code: "invalid_payload" } });
    const fields = (refused.body["errors"] as readonly { readonly field: string }[]).map(({ field }) => field);
    expect(fields).toEqual(
      expect.arrayContaining(["payload.created_at", "payload.line_items.0.id", "payload.line_items.0.quantity"]),
    );
    expect(await one(calm, "code=wrong_shape&status=waiting")).toEqual(letter);
    await calm.nothingIsLost({ waiting: [eventId] });
    expect(await edit(calm, letter, letter.version, body)).toMatchObject({ status: 202, body: { edited: true } });
    await calm.nothingIsLost();
    const { trail } = await one(calm, "code=wrong_shape&status=replayed");
    expect(trail.map(({ what }) => what)).toEqual(["replayed", "edited", "died"]);
  });
});

/** What a person would not want to be kept. */
const PERSONAL = ["jane.doe@example.com", "+49 170 1234567", "Jane", "Gartenweg 7", "shpat_0123456789abcdef0123456789"];

describe("personal data and secrets", () => {
  it("in a payload and in an error's message are not kept; after a week an unknown payload is an outline", async () => {
    const calm = world();
    const [email, phone, name, street, token] = PERSONAL;
    const order = await buyUntold(calm, calm.sku(), 1);
    const body = bodyOf(calm, order);
    const wrong = { ...body, id: [name, street], email, phone, note: token, customer: { first_name: name } };
    const { eventId } = await postWebhook(calm, { topic: "orders/create", body: JSON.stringify(wrong) });
    const sku = calm.sku();
    const giveBack = await calm.hurry("onhand-events");
    onTestFinished(giveBack);
    const about = await skuIdOf(calm.stack, sku);
    const saying = `no answer for ${email}, ${phone}: token ${token} of https://x:y@host/${name}?q=${street}`;
    const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", about, how: "refuse", saying });
    calm.buy([sku, 2]);
    const [died] = await untilDead(calm, `code=counter_away&sku=${sku}`, 1);
    expect(died?.error).toContain("no answer for [email], [phone]");
    expect(await mend()).toBeGreaterThanOrEqual(9);
    await giveBack();
    const kept = await keptOf(calm);
    expect(kept).toContain('"line_items"');
    for (const secret of PERSONAL) expect(kept).not.toContain(secret);
    await letTimePass(calm.stack, WEEK_MS);
    const letter = await one(calm, "code=wrong_shape&status=waiting");
    const read = () => ask(calm.stack, "GET", `/v1/dead-letters/${letter.id}`);
    await waitUntil(async () => (await read()).body["outlinedAt"] !== null, DIES_MS_MAX);
    expect((await read()).body).toMatchObject({ payload: { created_at: "(string)" }, outlinedAt: expect.any(String) });
    await untilSettled(calm, "code=counter_away");
    await calm.nothingIsLost({ waiting: [eventId] });
    const again = await one(calm, "code=wrong_shape&status=waiting");
    expect(await ask(calm.stack, "POST", `/v1/dead-letters/${letter.id}/replay`)).toMatchObject({
      body: { code: "not_replayable" },
    });
    expect(await edit(calm, again, again.version, body)).toMatchObject({ status: 202 });
    await calm.nothingIsLost();
    const keptAfterwards = await keptOf(calm);
    for (const secret of [...PERSONAL, String(body["email"])]) expect(keptAfterwards).not.toContain(secret);
  });
});

/** All that D1 holds, payloads unpacked. */
async function keptOf({ stack }: Calm): Promise<string> {
  const { DB } = await stack.worker.bindings();
  const own = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 1) <> '_'";
  const tables = (await DB.prepare(own).all<{ name: string }>()).results.map(({ name }) => name);
  expect(tables).toContain("dead_letters");
  const texts: string[] = [];
  for (const table of tables) {
    const { results } = await DB.prepare(`SELECT * FROM ${table}`).all<Record<string, unknown>>();
    for (const row of results)
      texts.push(
        ...Object.values(row)
          .map((value) => (isPacked(value) ? gunzipSync(Buffer.from(value)) : value))
          .map(String),
      );
  }
  return texts.join("\n");
}

const isPacked = (value: unknown): value is number[] => Array.isArray(value) && value[0] === 0x1f && value[1] === 0x8b;
