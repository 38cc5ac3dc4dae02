/** Events of a channel, from their signature to the counter, in the real runtime. */
import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { LocationId } from "../../src/domain/ids.ts";
import type { LevelsView } from "../../src/domain/levels-view.ts";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { postEvents, putChannel } from "./support/channels.ts";
import { HERE, THERE } from "./support/counters.ts";
import { until } from "./support/until.ts";

const order = (orderId: string, sku: string, quantity: number) => ({
  ...{ type: "order.created", data: { orderId, lines: [{ line: "1", sku, quantity }] } },
});

describe("POST /v1/channels/{id}/events", () => {
  it("answers 202 with what was taken, and the same delivery again without taking it", async () => {
    const wms = await putChannel("wms-receiver");
    const body = [{ id: "e1", ...order("1", "ANY", 1) }, { id: "e2" }];
    const first = await postEvents(wms, body, "msg-a");
    expect([first.status, first.body]).toEqual([
      202,
      {
        ...{ accepted: 1, rejected: 1, correlationId: first.headers.get("x-correlation-id") },
        events: [
          { index: 0, id: "e1", status: "accepted" },
          {
            ...{ index: 1, id: "e2", status: "rejected" },
            problem: expect.objectContaining({ type: "urn:onhand:problem:bad-request", field: "type" }) as unknown,
          },
        ],
      },
    ]);
    const again = await postEvents(wms, body, "msg-a");
    expect([again.status, again.body["duplicate"]]).toEqual([202, true]);
    const other = await postEvents(wms, order("2", "ANY", 1), "msg-a");
    expect([other.status, other.body["code"]]).toEqual([409, "webhook_id_reused"]);
  });

  it("tells a stranger nothing, and a known sender what is wrong", async () => {
    const wms = await putChannel("wms-strict");
    const stranger = await postEvents({ ...wms, secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }, order("1", "A", 1));
    const unknown = await postEvents({ ...wms, id: (await putChannel("x")).id }, order("1", "A", 1));
    expect([stranger.status, unknown.status]).toEqual([401, 401]);
    expect(stranger.headers.get("www-authenticate")).toBeNull();
    expect({ ...stranger.body, correlationId: "" }).toEqual({ ...unknown.body, correlationId: "" });
    const wrong = await postEvents(wms, order("1", "A", 0));
    expect([wrong.status, wrong.body["field"]]).toEqual([400, "data.lines.0.quantity"]);
    expect((await postEvents(wms, "{")).status).toBe(400);
  });

  it("publishes the schema of what it takes, to whoever asks", async () => {
    const response = await exports.default.fetch("https://onhand.test/schemas/channel-events.json");
    const schema = (await response.json()) as { $schema: string; $defs: { event: { oneOf: unknown[] } } };
    expect([response.status, response.headers.get("content-type"), schema.$schema]).toEqual([
      ...[200, "application/schema+json", "https://json-schema.org/draft/2020-12/schema"],
    ]);
    expect(schema.$defs.event.oneOf).toHaveLength(13);
  });
});

const PLACES = new Map<string, LocationId>([
  ["main", HERE],
  ["store-9", THERE],
]);
const line = (sku: string, more: object) => ({ lines: [{ line: "1", sku, ...more }] });

/** Of our first location and in all. */
const shown = (view: LevelsView | null) => {
  const here = view?.locations.find(({ locationId }) => locationId === HERE);
  return { ...(here === undefined ? {} : { here: here.available }), all: view?.available, committed: view?.committed };
};

describe("an event of a channel", () => {
  it("becomes a movement of its SKU's counter, under its own document, each type by its rule", async () => {
    const { counter } = await stock("CH-EACH", "9101", 100, 10);
    const wms = await putChannel("wms-each", { locations: PLACES });
    const sku = "CH-EACH";
    const bodies = [
      { type: "order.created", data: { orderId: "o1", locationId: "main", ...line(sku, { quantity: 8 }) } },
      {
        type: "order.cancelled",
        data: { orderId: "o1", locationId: "main", ...line(sku, { quantity: 3, ordered: 8 }) },
      },
      {
        type: "shipment.confirmed",
        data: { shipmentId: "s1", orderId: "o1", locationId: "main", ...line(sku, { quantity: 4, ordered: 8 }) },
      },
      {
        type: "order.returned",
        data: { returnId: "r1", orderId: "o1", locationId: "main", ...line(sku, { quantity: 2, ordered: 8 }) },
      },
      { type: "stock.received", data: { receiptId: "p1", locationId: "main", ...line(sku, { quantity: 20 }) } },
      { type: "stock.adjusted", data: { adjustmentId: "a1", locationId: HERE, ...line(sku, { delta: -1 }) } },
      { type: "stock.damaged", data: { damageId: "d1", locationId: "main", ...line(sku, { quantity: 1 }) } },
      {
        type: "stock.transferred",
        data: { transferId: "t1", fromLocationId: "main", toLocationId: "store-9", ...line(sku, { quantity: 5 }) },
      },
    ];
    const posted = await postEvents(
      wms,
      bodies.map((body, i) => ({ id: `e${i}`, ...body })),
    );
    expect(posted.body).toMatchObject({ accepted: 8, rejected: 0 });
    // 110 − 8 + 3 + 2 + 20 − 1 − 1; of it 5 were moved to the other place.
    const view = await until(
      () => counter.levels(),
      (levels) => levels?.available === 125,
    );
    expect(shown(view)).toEqual({ here: 110, all: 125, committed: 1 });
    const { movements } = await counter.movements({ beforeSeq: null, limit: 50 });
    const ours = movements.filter(({ cause }) => cause.source === "channel");
    expect(ours.map(({ kind }) => kind).toSorted()).toEqual([
      ...["adjustment", "cancellation", "damage", "receipt", "return", "sale", "shipment", "transfer", "transfer"],
    ]);
    expect(ours.find(({ kind }) => kind === "sale")).toMatchObject({
      ...{ key: "channel/wms-each/order/o1/1", channel: "wms-each" },
      cause: { reference: "o1", actor: "wms-each", correlationId: posted.body["correlationId"] },
    });
  });

  it("counts once, however often it is told and by which event", async () => {
    const { counter } = await stock("CH-ONCE", "9102", 50);
    const shop = await putChannel("shop-once", { type: "marketplace" });
    const order = { type: "order.created", data: { orderId: "o1", ...line("CH-ONCE", { quantity: 5 }) } };
    await postEvents(shop, order);
    await postEvents(shop, order);
    await postEvents(shop, { type: "order.created", data: { orderId: "o2", ...line("CH-ONCE", { quantity: 1 }) } });
    expect(
      shown(
        await until(
          () => counter.levels(),
          (levels) => levels?.available === 44,
        ),
      ),
    ).toMatchObject({ all: 44, committed: 6 });
  });

  it("that overtakes its order, a cancellation, brings no unit that is not there", async () => {
    const { counter } = await stock("CH-EARLY", "9103", 10);
    const shop = await putChannel("shop-early", { type: "marketplace" });
    const cancelled = { orderId: "o1", ...line("CH-EARLY", { quantity: 2, ordered: 3 }) };
    await postEvents(shop, { type: "order.cancelled", data: cancelled });
    const isOne = (levels: LevelsView | null) => levels?.available === 9 && levels.committed === 1;
    await until(() => counter.levels(), isOne);
    const created = { orderId: "o1", ...line("CH-EARLY", { quantity: 3 }) };
    const { body } = await postEvents(shop, { type: "order.created", data: created });
    await until(
      () => call("GET", `/v1/events?correlationId=${body["correlationId"]}`),
      (answer) => JSON.stringify(answer.body).includes("duplicate"),
    );
    expect(shown(await counter.levels())).toMatchObject({ all: 9, committed: 1 });
  });

  it("that counts a shelf sets what is on hand there", async () => {
    const { counter } = await stock("CH-COUNT", "9104", 10);
    const wms = await putChannel("wms-count", {
      locations: PLACES,
      countApproval: { units: null, percent: null },
    });
    const data = { countId: "c1", locationId: "main", of: "available", ...line("CH-COUNT", { counted: 7 }) };
    await postEvents(wms, { type: "stock.counted", data });
    expect(
      shown(
        await until(
          () => counter.levels(),
          (levels) => levels?.available === 7,
        ),
      ),
    ).toMatchObject({ here: 7 });
  });

  it("holds, prolongs and sells what it reserves", async () => {
    const { counter } = await stock("CH-HOLD", "9105", 10);
    const till = await putChannel("till-hold", { type: "pos" });
    const reserved = (units: number) =>
      until(
        () => counter.levels(),
        (levels) => levels?.reserved === units,
      );
    const created = { reservationId: "cart-1", ttlSeconds: 600, ...line("CH-HOLD", { quantity: 4 }) };
    await postEvents(till, { type: "reservation.created", data: created });
    await reserved(4);
    await postEvents(till, { type: "reservation.extended", data: { reservationId: "cart-1", ttlSeconds: 900 } });
    await postEvents(till, { type: "reservation.committed", data: { reservationId: "cart-1", orderId: "o1" } });
    expect(shown(await reserved(0))).toMatchObject({ all: 6, committed: 4 });
    const other = { reservationId: "cart-2", ttlSeconds: 600, ...line("CH-HOLD", { quantity: 1 }) };
    await postEvents(till, { type: "reservation.created", data: other });
    await reserved(1);
    await postEvents(till, { type: "reservation.released", data: { reservationId: "cart-2" } });
    expect(shown(await reserved(0))).toMatchObject({ all: 6 });
  });

  it("that reserves more than there is holds nothing, stands in the journal as refused, and people are told", async () => {
    const { counter } = await stock("CH-MORE", "9106", 1);
    const till = await putChannel("till-more", { type: "pos" });
    const created = { reservationId: "cart-1", ttlSeconds: 600, ...line("CH-MORE", { quantity: 2 }) };
    const { body } = await postEvents(till, { type: "reservation.created", data: created }, "msg-more");
    await until(
      () => call("GET", `/v1/events?correlationId=${body["correlationId"]}`),
      (answer) => JSON.stringify(answer.body).includes("refused"),
    );
    expect(await counter.levels()).toMatchObject({ available: 1, reserved: 0 });
    const kinds = await env.DB.prepare("SELECT kind FROM notifications WHERE id = ?")
      .bind("conflict/channel/till-more/msg-more")
      .all();
    expect(kinds.results).toEqual([{ kind: "channel.conflict" }]);
  });

  it("names an item and a place that nobody knows in a letter of its channel; its other lines count", async () => {
    const { counter } = await stock("CH-REST", "9107", 10);
    const shop = await putChannel("shop-rest", { type: "marketplace" });
    const lines = [
      { line: "1", sku: "CH-REST", quantity: 1 },
      { line: "2", sku: "CH-NEVER", quantity: 1 },
      { line: "3", itemId: "B0-NEVER", quantity: 1 },
      { line: "4", sku: "CH-REST", quantity: 1, locationId: "the moon" },
    ];
    await postEvents(shop, { type: "order.created", data: { orderId: "o1", lines } });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 9,
    );
    const letters = () => call("GET", "/v1/dead-letters?channel=shop-rest");
    const { body } = await until(letters, (answer) => (answer.body["deadLetters"] as unknown[]).length === 1);
    const [letter] = body["deadLetters"] as Record<string, unknown>[];
    expect(letter).toMatchObject({
      ...{ code: "unknown_sku", topic: "order.created", channel: "shop-rest", shop: null },
      subject: "SKU CH-NEVER, item B0-NEVER, location the moon",
    });
    const bySku = await call("GET", "/v1/dead-letters?sku=CH-NEVER");
    expect(bySku.body["deadLetters"]).toHaveLength(1);
    const whole = await call("GET", `/v1/dead-letters/${letter?.["id"]}`);
    expect(whole.body["payload"]).toMatchObject({ data: { lines: [{ line: "2" }, { line: "3" }, { line: "4" }] } });

    await stock("CH-NEVER", "9108", 10);
    await call("POST", `/v1/dead-letters/${letter?.["id"]}/replay`);
    const again = await until(letters, (answer) => JSON.stringify(answer.body).includes(`"deaths":2`));
    expect((again.body["deadLetters"] as object[])[0]).toMatchObject({ deaths: 2, code: "unknown_item" });
  });
});
