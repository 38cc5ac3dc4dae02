/**
 * Published oversell reproductions of comparable engines, as far as they concern takes and reservations, played against this
 * one. Each is named after the thread that reported it.
 */
import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { type Stocked, stock } from "./support/catalogue.ts";
import { HERE } from "./support/counters.ts";

let keys = 0;
const key = () => `peer-${++keys}`;
const reserve = (lines: readonly object[], body: object = {}, idempotencyKey = key()) =>
  call("POST", "/v1/reservations", { ttlSeconds: 60, lines, ...body }, { "idempotency-key": idempotencyKey });
const move = (sku: string, body: object, idempotencyKey = key()) =>
  call("POST", `/v1/inventory/${sku}/movements`, body, { "idempotency-key": idempotencyKey });
const putBundle = (sku: string, components: Readonly<Record<string, number>>) =>
  call("PUT", `/v1/bundles/${sku}`, {
    components: Object.entries(components).map(([its, quantity]) => ({ sku: its, quantity })),
  });
const levels = async ({ counter }: Stocked) => {
  const view = await counter.levels();
  return [view?.available, view?.reserved, view?.committed];
};
const countOf = (answers: readonly { readonly status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

describe("medusajs/medusa #16502: two lines of one call on the same item are each checked against the undecremented level", () => {
  it("refuses both lines together when the item covers either alone", async () => {
    const stocked = await stock("M-16502", "5001", 5);
    const refused = await reserve([
      { sku: "M-16502", quantity: 3, locationId: HERE },
      { sku: "M-16502", quantity: 3, locationId: HERE },
    ]);
    expect([refused.status, (refused.body["short"] as object[]).length]).toEqual([409, 2]);
    expect(await levels(stocked)).toEqual([5, 0, 0]);
  });

  it("refuses two bundles that share a component which covers either alone", async () => {
    const stocked = await stock("M-SHARED", "5002", 3);
    const other = await stock("M-OTHER", "5003", 9);
    await putBundle("M-SET-1", { "M-SHARED": 2, "M-OTHER": 1 });
    await putBundle("M-SET-2", { "M-SHARED": 2, "M-OTHER": 2 });
    const lines = [
      { sku: "M-SET-1", quantity: 1 },
      { sku: "M-SET-2", quantity: 1 },
    ];
    const refused = await reserve(lines);
    expect([refused.status, refused.body["code"]]).toEqual([409, "insufficient_stock"]);
    expect([await levels(stocked), await levels(other)]).toEqual([
      [3, 0, 0],
      [9, 0, 0],
    ]);
    expect((await reserve(lines.slice(0, 1))).status).toBe(201);
  });
});

describe("medusajs/medusa #16569: concurrent reservations oversubscribe a level", () => {
  it("grants ten of thirty reservations of the last ten units", async () => {
    const stocked = await stock("M-16569", "5011", 10);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => reserve([{ sku: "M-16569", quantity: 1, locationId: HERE }])),
    );
    expect([countOf(answers, 201), countOf(answers, 409)]).toEqual([10, 20]);
    expect(await levels(stocked)).toEqual([0, 10, 0]);
  });

  it("grants one of two that each want more than half", async () => {
    const stocked = await stock("M-16569-B", "5012", 5);
    const answers = await Promise.all([3, 3].map((quantity) => reserve([{ sku: "M-16569-B", quantity }])));
    expect([countOf(answers, 201), countOf(answers, 409)]).toEqual([1, 1]);
    expect(await levels(stocked)).toEqual([2, 3, 0]);
  });
});

describe("medusajs/medusa #12401: the reserved quantity becomes negative, with no way to mend it", () => {
  it("gives back once what is released twice at once, while another commits", async () => {
    const stocked = await stock("M-12401", "5021", 5);
    const { body } = await reserve([{ sku: "M-12401", quantity: 3 }]);
    const ends = await Promise.all(
      ["release", "release", "commit"].map((how) => call("POST", `/v1/reservations/${body["id"]}/${how}`, {})),
    );
    const [available = 0, reserved, committed = 0] = await levels(stocked);
    expect(reserved).toBe(0);
    expect(available + committed).toBe(5);
    expect(ends.some(({ status }) => status === 200)).toBe(true);
  });
});

describe("vendurehq/vendure #3508, spree/spree #3792: the last item is sold twice by two checkouts at once", () => {
  it("sells it once, by whichever door they come", async () => {
    const stocked = await stock("V-3508", "5031", 1);
    const [sale, reservation, again] = await Promise.all([
      move("V-3508", { kind: "sale", quantity: 1 }),
      reserve([{ sku: "V-3508", quantity: 1 }]),
      move("V-3508", { kind: "sale", quantity: 1 }),
    ]);
    expect([sale.status, reservation.status, again.status].filter((status) => status === 201).length).toBe(1);
    expect((await levels(stocked))[0]).toBe(0);
  });
});

describe("vendurehq/vendure #2702: the same variant twice in one order gets past the stock check", () => {
  it("sums the lines, also where one names the place and the other does not", async () => {
    const stocked = await stock("V-2702", "5041", 4);
    const lines = [
      { sku: "V-2702", quantity: 2 },
      { sku: "V-2702", quantity: 3, locationId: HERE },
    ];
    expect((await reserve(lines)).status).toBe(409);
    expect(await levels(stocked)).toEqual([4, 0, 0]);
    expect((await reserve([lines[0], { ...lines[1], quantity: 2 }] as object[])).status).toBe(201);
    expect(await levels(stocked)).toEqual([0, 4, 0]);
  });
});

describe("vendurehq/vendure #3509, commercetools: stock of an unpaid order comes back minutes after its time, if at all", () => {
  it("can be sold to another at the very moment of the expiry", async () => {
    const stocked = await stock("V-3509", "5051", 2);
    const { body } = await reserve([{ sku: "V-3509", quantity: 2 }], { ttlSeconds: 1 });
    expect((await move("V-3509", { kind: "sale", quantity: 2 })).status).toBe(409);
    await scheduler.wait(Math.max(0, Date.parse(String(body["expiresAt"])) - Date.now()) + 2);
    expect((await move("V-3509", { kind: "sale", quantity: 2 })).status).toBe(201);
    expect(await levels(stocked)).toEqual([0, 0, 2]);
  });
});

describe("saleor/saleor PR #6897: allocations made at once leave a negative quantity", () => {
  it("never shows less than none, however many orders of several items cross", async () => {
    const stocked = [await stock("S-6897-A", "5061", 7), await stock("S-6897-B", "5062", 7)];
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => {
        const lines = [
          { sku: "S-6897-A", quantity: 1 + (i % 2) },
          { sku: "S-6897-B", quantity: 2 - (i % 2) },
        ];
        return reserve(i % 3 === 0 ? lines.toReversed() : lines);
      }),
    );
    const shown = await Promise.all(stocked.map(levels));
    for (const [available = -1, reserved = 0] of shown) {
      expect(available).toBeGreaterThanOrEqual(0);
      expect(available + reserved).toBe(7);
    }
    expect(countOf(answers, 201) + countOf(answers, 409)).toBe(16);
  });
});

describe("frappe/ecommerce_integrations PR #425: an order is told in the wrong sequence (cancelled before it was created)", () => {
  it("ends where the right sequence ends: the sale that comes late counts once", async () => {
    const stocked = await stock("F-425", "5071", 5);
    const sale = { kind: "sale", quantity: 2, happened: true, locationId: HERE };
    const cancelled = {
      kind: "cancellation",
      quantity: 2,
      locationId: HERE,
      sale: { idempotencyKey: "order-9/line-1", quantity: 2 },
    };
    expect((await move("F-425", cancelled, "cancel-9/line-1")).status).toBe(201);
    expect(await levels(stocked)).toEqual([5, 0, 0]);
    expect((await move("F-425", sale, "order-9/line-1")).status).toBe(200);
    expect((await move("F-425", cancelled, "cancel-9/line-1")).status).toBe(200);
    expect(await levels(stocked)).toEqual([5, 0, 0]);
  });

  it("ends there for a bundle, too", async () => {
    const stocked = [await stock("F-425-A", "5072", 5), await stock("F-425-B", "5073", 5)];
    await putBundle("F-425-SET", { "F-425-A": 2, "F-425-B": 1 });
    const sale = { idempotencyKey: "order-10", quantity: 1 };
    await move("F-425-SET", { kind: "cancellation", quantity: 1, locationId: HERE, sale }, "cancel-10");
    const told = { kind: "sale", quantity: 1, happened: true, locationId: HERE };
    expect((await move("F-425-SET", told, "order-10")).status).toBe(200);
    expect(await Promise.all(stocked.map(levels))).toEqual([
      [5, 0, 0],
      [5, 0, 0],
    ]);
  });
});

describe("hookdeck/outpost #670: a replay is swallowed by the key of the attempt before it", () => {
  it("lets the same key of a refused reservation try again, and takes it for new each time until it is granted", async () => {
    const stocked = await stock("O-670", "5081", 0);
    const lines = [{ sku: "O-670", quantity: 1 }];
    for (let tries = 0; tries < 3; tries += 1) expect((await reserve(lines, {}, "o-670")).status).toBe(409);
    await move("O-670", { kind: "receipt", quantity: 1, locationId: HERE });
    expect((await reserve(lines, {}, "o-670")).status).toBe(201);
    expect((await reserve(lines, {}, "o-670")).headers.get("idempotent-replayed")).toBe("true");
    expect(await levels(stocked)).toEqual([0, 1, 0]);
  });

  it("lets the same key of a refused sale of a bundle try again", async () => {
    const stocked = [await stock("O-670-A", "5082", 1), await stock("O-670-B", "5083", 0)];
    await putBundle("O-670-SET", { "O-670-A": 1, "O-670-B": 1 });
    const sale = { kind: "sale", quantity: 1 };
    expect((await move("O-670-SET", sale, "o-670-set")).status).toBe(409);
    expect((await move("O-670-SET", sale, "o-670-set")).status).toBe(409);
    await move("O-670-B", { kind: "receipt", quantity: 1, locationId: HERE });
    expect((await move("O-670-SET", sale, "o-670-set")).status).toBe(201);
    expect((await move("O-670-SET", sale, "o-670-set")).status).toBe(200);
    expect(await Promise.all(stocked.map(levels))).toEqual([
      [0, 0, 1],
      [0, 0, 1],
    ]);
  });
});
