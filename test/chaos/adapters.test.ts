/** Senders that speak their own format: their webhooks come late, twice, out of order, forged, or while a part of ours is away. */
import { createHmac, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { broken } from "./support/broken.ts";
import { discarded, lettersBy } from "./support/letters.ts";
import { type Trading, tradingWorld } from "./support/trading.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = tradingWorld({ seed: 97, skus: 24 });

const COUNTED_MS_MAX = 30_000;
const AMAZON = "amz-main";
const SHIPHERO = "hero-main";
/** One that tells of its shelf by counts, as ShipHero does where nobody chose otherwise. */
const COUNTS = "hero-counts";
const SQUARE = "till-square";
const SECRETS = {
  [AMAZON]: "a-secret-of-the-event-bridge-pipe",
  [SHIPHERO]: "shared-signature-secret",
  [COUNTS]: "another-signature-secret",
  [SQUARE]: "signature-key-of-the-till",
} as const;
/** As Square has the address: it is signed as text. */
const SUBSCRIBED = "https://onhand.example.com/webhooks/channels/till-square";
type Sender = keyof typeof SECRETS;

beforeAll(async () => {
  const trading = world();
  const { calm } = trading;
  const put = (id: Sender, body: object) => trading.call("PUT", `/v1/channels/${id}`, { direction: "in", ...body });
  await put(AMAZON, { type: "marketplace", adapter: "amazon" });
  const eventTypes = ["stock.received", "stock.adjusted"];
  await put(SHIPHERO, { type: "wms", adapter: "shiphero", locations: { "76733": calm.place(0) }, eventTypes });
  await put(COUNTS, { type: "wms", adapter: "shiphero", locations: { "12345": calm.place(0) } });
  await put(SQUARE, { type: "pos", adapter: "square", listings: "mapped", locations: { "PLACE-1": calm.place(1) } });
  const given = {
    [AMAZON]: { webhook_secret: SECRETS[AMAZON] },
    [SHIPHERO]: { webhook_secret: SECRETS[SHIPHERO] },
    [COUNTS]: { webhook_secret: SECRETS[COUNTS] },
    [SQUARE]: { signature_key: SECRETS[SQUARE], notification_url: SUBSCRIBED },
  };
  for (const [id, credentials] of Object.entries(given))
    for (const [name, value] of Object.entries(credentials))
      await trading.call("PUT", `/v1/channels/${id}/credentials/${name}`, { value });
});

const urlOf = ({ calm }: Trading, channel: string): string => `${calm.stack.client.url}/webhooks/channels/${channel}`;

/** As each of them signs: a secret as it is, or an HMAC over the body, of Square over the address and the body. */
function signed(sender: Sender, text: string, key: string): Record<string, string> {
  const hmac = (...parts: readonly string[]) => createHmac("sha256", key).update(parts.join("")).digest("base64");
  switch (sender) {
    case AMAZON:
      return { "x-onhand-secret": key };
    case SHIPHERO:
    case COUNTS:
      return { "x-shiphero-hmac-sha256": hmac(text) };
    case SQUARE:
      return { "x-square-hmacsha256-signature": hmac(SUBSCRIBED, text) };
  }
}

async function post(
  trading: Trading,
  sender: Sender,
  body: object,
  { key = SECRETS[sender] as string, named = {} as Readonly<Record<string, string>> } = {},
) {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", ...signed(sender, text, key), ...named };
  const response = await fetch(urlOf(trading, sender), { method: "POST", headers, body: text });
  return { status: response.status, retryAfter: response.headers.get("retry-after"), text: await response.text() };
}

const committed = async (trading: Trading, sku: string): Promise<number> =>
  (await trading.call<{ committed: number }>("GET", `/v1/inventory/${sku}`)).committed;

const until = (trading: Trading, sku: string, units: number): Promise<boolean> =>
  waitUntil(async () => (await trading.calm.available(sku)) === units, COUNTED_MS_MAX);

type AmazonOrder = { readonly id: string; readonly sku: string; readonly quantity: number };

/** One notification tells the state of the whole order. */
const orderChange = ({ id, sku, quantity }: AmazonOrder, status: string, shipped: number): object => ({
  NotificationType: "ORDER_CHANGE",
  Payload: {
    OrderChangeNotification: {
      AmazonOrderId: id,
      OrderChangeTrigger: { TimeOfOrderChange: new Date().toISOString() },
      Summary: {
        OrderStatus: status,
        FulfillmentType: "MFN",
        OrderItems: [{ OrderItemId: `${id}-1`, SellerSKU: sku, Quantity: quantity, QuantityShipped: shipped }],
      },
    },
  },
  NotificationMetadata: { NotificationId: randomUUID() },
});

describe("Amazon's notifications of an order", () => {
  it("come late, twice and out of order: what is sold, shipped and cancelled counts once", async () => {
    const trading = world();
    const { calm } = trading;
    const [sku, other] = [trading.sku(), trading.sku()];
    const [before, otherBefore] = [await calm.available(sku), await calm.available(other)];
    const order = { id: "903-1", sku, quantity: 5 };
    const all = [
      ["Shipped", 5],
      ["Unshipped", 0],
      ["PartiallyShipped", 3],
      ["Pending", 0],
      ["Shipped", 5],
    ] as const;
    const told = all.map(([status, shipped]) => orderChange(order, status, shipped));
    for (const body of [...told, ...told]) expect((await post(trading, AMAZON, body)).status).toBe(200);
    const cancelled = { id: "903-2", sku: other, quantity: 4 };
    const undone = [orderChange(cancelled, "Canceled", 0), orderChange(cancelled, "Unshipped", 0)];
    for (const body of [...undone, ...undone]) expect((await post(trading, AMAZON, body)).status).toBe(200);
    trading.noteMoved(sku, 5);
    expect(await until(trading, sku, before - 5)).toBe(true);
    expect(await waitUntil(async () => (await committed(trading, sku)) === 0, COUNTED_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
    expect([await calm.available(sku), await calm.available(other)]).toEqual([before - 5, otherBefore]);
    expect(await committed(trading, other)).toBe(0);
  });

  it("come while the queue, then D1, is away: 503, and what comes again counts once", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const order = { id: "903-3", sku, quantity: 3 };
    const sold = orderChange(order, "Unshipped", 0);
    const shipped = orderChange(order, "Shipped", 3);
    const refuses = await broken(calm, { where: "EVENTS", about: `"channel/${AMAZON}/`, how: "refuse", times: 1 });
    const answer = await post(trading, AMAZON, sold);
    expect(answer).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-9]\d*$/) });
    expect(await refuses()).toBe(1);
    // The range of what was shipped is written down; that it is queued is not certain: the next one tells it again.
    const loses = await broken(calm, { where: "DB", about: "running_totals", how: "lose_answer", times: 1 });
    expect((await post(trading, AMAZON, shipped)).status).toBe(503);
    expect(await loses()).toBe(1);
    const again = await broken(calm, { where: "EVENTS", about: `"channel/${AMAZON}/`, how: "refuse", times: 1 });
    expect((await post(trading, AMAZON, shipped)).status).toBe(503);
    expect(await again()).toBe(1);
    for (const body of [shipped, sold]) expect((await post(trading, AMAZON, body)).status).toBe(200);
    trading.noteMoved(sku, 3);
    expect(await until(trading, sku, before - 3)).toBe(true);
    expect(await waitUntil(async () => (await committed(trading, sku)) === 0, COUNTED_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
  });
});

const poUpdate = (po: number, sku: string, received: number): object => ({
  test: "0",
  purchase_order: {
    id: po,
    po_id: po,
    line_items: [{ id: `${po}-1`, quantity: 10, quantity_received: received, sku }],
  },
  warehouse_id: 76733,
});

describe("ShipHero's totals of what was received", () => {
  it("come out of order, twice, and one never: they sum to the largest", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    for (const received of [3, 9, 5, 9, 3, 5]) {
      const { status } = await post(trading, SHIPHERO, poUpdate(4711, sku, received));
      expect(status).toBe(200);
    }
    trading.noteMoved(sku, -9);
    expect(await until(trading, sku, before + 9)).toBe(true);
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(before + 9);
  });
});

const inventoryUpdate = (sku: string, onHand: number): object => ({
  webhook_type: "Inventory Update",
  inventory: [{ sku, virtual: false, updated_warehouse: { warehouse_id: 12345, on_hand: String(onHand) } }],
});

describe("ShipHero's counts", () => {
  it("come twice, and while the queue is away; the shelf comes back to what it was: each is booked once, and none is a conflict", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    type View = { readonly locations: readonly { readonly locationId: string; readonly onHand: number }[] };
    const { locations } = await trading.call<View>("GET", `/v1/inventory/${sku}`);
    const lying = locations.find(({ locationId }) => locationId === calm.place(0))?.onHand ?? 0;
    const told = (id: string, onHand: number) =>
      post(trading, COUNTS, inventoryUpdate(sku, onHand), { named: { "x-shiphero-message-id": id } });
    const refuses = await broken(calm, { where: "EVENTS", about: `"channel/${COUNTS}/`, how: "lose_answer", times: 1 });
    expect((await told("m-1", lying - 2)).status).toBe(503);
    for (let again = 0; again < 3; again += 1) expect((await told("m-1", lying - 2)).status).toBe(200);
    expect(await refuses()).toBe(1);
    expect(await until(trading, sku, before - 2)).toBe(true);
    for (const id of ["m-2", "m-2"]) expect((await told(id, lying)).status).toBe(200);
    expect(await until(trading, sku, before)).toBe(true);
    // The same body as the first, and another message.
    for (const id of ["m-3", "m-1", "m-3"]) expect((await told(id, lying - 2)).status).toBe(200);
    expect(await until(trading, sku, before - 2)).toBe(true);
    trading.noteMoved(sku, 2);
    await trading.nothingIsLost();
    const { counts } = await trading.call<{ counts: readonly object[] }>("GET", `/v1/counts?sku=${sku}`);
    expect(counts).toEqual([]);
  });
});

describe("what its sender has not signed", () => {
  it("is refused alike whoever it says it is, and nothing counts; what nobody can read waits for a person", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const bodies = {
      [AMAZON]: orderChange({ id: "903-9", sku, quantity: 5 }, "Unshipped", 0),
      [SHIPHERO]: poUpdate(666, sku, 7),
      [COUNTS]: inventoryUpdate(sku, 0),
      [SQUARE]: { type: "inventory.count.updated", event_id: "forged", data: {} },
    };
    const forged = await Promise.all(
      (Object.entries(bodies) as [Sender, object][]).map(([sender, body]) =>
        post(trading, sender, body, { key: "guessed" }),
      ),
    );
    const unknown = await fetch(urlOf(trading, "nobody"), { method: "POST", body: "{}" });
    for (const { status, text } of forged) expect([status, text]).toEqual([401, "unauthorized"]);
    expect([unknown.status, await unknown.text()]).toEqual([401, "unauthorized"]);
    expect((await post(trading, SQUARE, bodies[SQUARE])).status).toBe(200);
    const letters = () => lettersBy(calm.stack.client, "status=waiting&code=wrong_shape");
    expect(await waitUntil(async () => (await letters()).length === 1, COUNTED_MS_MAX)).toBe(true);
    await discarded(calm.stack.client, await letters());
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(before);
  });
});
