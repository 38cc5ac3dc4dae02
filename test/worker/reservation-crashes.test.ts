/** Crashes and crowds around reservations, in the real runtime: objects die between phases, fifty buyers want the same two SKUs. */
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { fromStore, type ReservationId } from "../../src/domain/ids.ts";
import type { CoordinatorState, Phase } from "../../src/domain/reservation/reservation.ts";
import { call } from "./support/api.ts";
import { type Stocked, stock } from "./support/catalogue.ts";
import { counterOf } from "./support/counters.ts";
import { until } from "./support/until.ts";

type Line = { readonly sku: string; readonly quantity: number };
const reserve = (lines: readonly Line[], key: string, ttlSeconds = 60) =>
  call("POST", "/v1/reservations", { ttlSeconds, lines }, { "idempotency-key": key });
const coordinator = (id: unknown) => env.RESERVATION_COORDINATOR.getByName(String(id));
const levels = async (...stocked: readonly Stocked[]) =>
  Promise.all(
    stocked.map(async ({ skuId }) => {
      const view = await counterOf(skuId).levels(); // a fresh stub: one of before an abort is broken
      return [view?.available, view?.reserved, view?.committed];
    }),
  );

/** As if the object had died just after it wrote this, before anybody was told. It wakes when the test says so. */
async function diedIn(id: unknown, phase: Phase): Promise<void> {
  await runInDurableObject(coordinator(id), async (_, { storage }) => {
    const { state } = storage.sql.exec<{ state: string }>("SELECT state FROM coordinator").one();
    const { reservation, ...rest } = JSON.parse(state) as CoordinatorState;
    if (reservation === null) throw new Error("nothing is reserved");
    const members = reservation.members.map((member) => ({ ...member, isSettled: false }));
    storage.sql.exec(
      "UPDATE coordinator SET state = ?",
      JSON.stringify({ ...rest, reservation: { ...reservation, members, phase } }),
    );
    await storage.setAlarm(Date.now() + 3_600_000);
  });
  await evictDurableObject(coordinator(id));
}

describe("a coordinator that died", () => {
  it("after its decision to commit, carries it out when its alarm rings", async () => {
    const stocked = [await stock("DIE-A", "4001", 5), await stock("DIE-B", "4002", 5)];
    const { body } = await reserve(
      [
        { sku: "DIE-A", quantity: 2 },
        { sku: "DIE-B", quantity: 1 },
      ],
      "die-1",
    );
    await diedIn(body["id"], { kind: "committing", taken: [2, 1], decidedAtMs: Date.now() });
    await runDurableObjectAlarm(coordinator(body["id"]));
    expect(await levels(...stocked)).toEqual([
      [3, 0, 2],
      [4, 0, 1],
    ]);
  });

  it("after its decision, and only woken long after the holds have run out: the sale stands, and shows", async () => {
    const stocked = [await stock("LATE-A", "4011", 2), await stock("LATE-B", "4012", 5)];
    const { body } = await reserve(
      [
        { sku: "LATE-A", quantity: 2 },
        { sku: "LATE-B", quantity: 1 },
      ],
      "late-1",
      1,
    );
    const decidedAtMs = Date.parse(String(body["expiresAt"])) - 10;
    await diedIn(body["id"], { kind: "committing", taken: [2, 1], decidedAtMs });
    await scheduler.wait(Math.max(0, decidedAtMs + 20 - Date.now()));
    const sold = await call(
      "POST",
      "/v1/inventory/LATE-A/adjustments",
      { delta: -2, reason: "sale" },
      { "idempotency-key": "late-other" },
    );
    expect(sold.status).toBe(201); // the hold is over: another buyer had the units
    await runDurableObjectAlarm(coordinator(body["id"]));
    expect(await levels(...stocked)).toEqual([
      [-2, 0, 2],
      [4, 0, 1],
    ]);
    expect((await call("GET", `/v1/reservations/${body["id"]}`)).body).toMatchObject({
      status: "committed",
      settled: true,
    });
  });

  it("before its decision, holds nothing once it wakes; the client's repeat reserves anew", async () => {
    const stocked = [await stock("CUT-A", "4021", 5), await stock("CUT-B", "4022", 5)];
    const lines = [
      { sku: "CUT-A", quantity: 5 },
      { sku: "CUT-B", quantity: 1 },
    ];
    const { body } = await reserve(lines, "cut-1", 604_800);
    await diedIn(body["id"], { kind: "preparing", commits: false });
    await runDurableObjectAlarm(coordinator(body["id"]));
    expect(await levels(...stocked)).toEqual([
      [5, 0, 0],
      [5, 0, 0],
    ]);
    const again = await reserve(lines, "cut-1", 604_800);
    expect([again.status, again.body["id"]]).toEqual([201, body["id"]]);
    expect(await levels(...stocked)).toEqual([
      [0, 5, 0],
      [4, 1, 0],
    ]);
  });

  it("while it released, or extended, does the rest when it wakes", async () => {
    const stocked = await stock("REST-A", "4031", 5);
    const released = (await reserve([{ sku: "REST-A", quantity: 2 }], "rest-1")).body["id"];
    await diedIn(released, { kind: "releasing", decidedAtMs: Date.now() });
    await runDurableObjectAlarm(coordinator(released));
    expect(await levels(stocked)).toEqual([[5, 0, 0]]);
    const extended = (await reserve([{ sku: "REST-A", quantity: 2 }], "rest-2", 1)).body["id"];
    await diedIn(extended, { kind: "extending", toMs: Date.now() + 600_000, commits: null });
    await runDurableObjectAlarm(coordinator(extended));
    await scheduler.wait(1_100);
    expect(await levels(stocked)).toEqual([[3, 2, 0]]);
  });

  it("takes counters and coordinators down with it: all know after it what they knew before", async () => {
    const stocked = [await stock("ALL-A", "4041", 5), await stock("ALL-B", "4042", 5)];
    const { body } = await reserve(
      [
        { sku: "ALL-A", quantity: 2 },
        { sku: "ALL-B", quantity: 3 },
      ],
      "all-1",
    );
    await abortAllDurableObjects();
    expect((await call("GET", `/v1/reservations/${body["id"]}`)).body).toMatchObject({ status: "open" });
    expect(
      (
        await reserve(
          [
            { sku: "ALL-A", quantity: 2 },
            { sku: "ALL-B", quantity: 3 },
          ],
          "all-1",
        )
      ).status,
    ).toBe(200);
    await abortAllDurableObjects();
    expect((await call("POST", `/v1/reservations/${body["id"]}/commit`, {})).status).toBe(200);
    await abortAllDurableObjects();
    expect((await call("POST", `/v1/reservations/${body["id"]}/commit`, {})).headers.get("idempotent-replayed")).toBe(
      "true",
    );
    expect(await levels(...stocked)).toEqual([
      [3, 0, 2],
      [2, 0, 3],
    ]);
  });

  it("leaves a hold that nobody owns to its expiry: the counter needs no coordinator for that", async () => {
    const stocked = await stock("LONE-A", "4051", 5);
    const cause = { reason: "x", reference: null, source: "api", actor: "t", correlationId: fromStore<never>("lone") };
    await stocked.counter.apply([
      {
        kind: "hold",
        request: {
          ...{
            reservationId: fromStore<ReservationId>("rsv_lone.a"),
            fingerprint: "f",
            client: "c",
            channel: null,
            cause,
          },
          ...{ lines: [{ locationId: null, quantity: 4 }], expiresAtMs: Date.now() + 300 },
        },
      },
    ]);
    expect(await levels(stocked)).toEqual([[1, 4, 0]]);
    await until(
      () => levels(stocked),
      ([level]) => level?.[0] === 5,
    );
  });
});

describe("fifty buyers at once", () => {
  it("of the same two SKUs get exactly what is there, all or none, and nothing is left held", async () => {
    const stocked = [await stock("RUSH-A", "4101", 40), await stock("RUSH-B", "4102", 21)];
    const buyers = Array.from({ length: 50 }, (_, i) => async () => {
      // Half name the SKUs the other way round: whoever locks in order of the lines would stand still here.
      const lines = [
        { sku: "RUSH-A", quantity: 2 },
        { sku: "RUSH-B", quantity: 1 },
      ];
      const { status, body } = await reserve(i % 2 === 0 ? lines : lines.toReversed(), `rush-${i}`);
      if (status !== 201) return status;
      return (await call("POST", `/v1/reservations/${body["id"]}/commit`, {})).status;
    });
    const statuses = await Promise.all(buyers.map((buy) => buy()));
    const sold = statuses.filter((status) => status === 200).length;
    expect(new Set(statuses)).toEqual(new Set([200, 409]));
    expect(await levels(...stocked)).toEqual([
      [40 - 2 * sold, 0, 2 * sold],
      [21 - sold, 0, sold],
    ]);
    // Some may have refused each other while both held a part. Whoever asks again, alone, gets what is left.
    for (let i = 0; sold + i < 20; i += 1) {
      const { body } = await reserve(
        [
          { sku: "RUSH-A", quantity: 2 },
          { sku: "RUSH-B", quantity: 1 },
        ],
        `rush-more-${i}`,
      );
      expect((await call("POST", `/v1/reservations/${body["id"]}/commit`, {})).status).toBe(200);
    }
    expect(await levels(...stocked)).toEqual([
      [0, 0, 40],
      [1, 0, 20],
    ]);
  });

  it("of one key are one buyer", async () => {
    const stocked = [await stock("SAME-A", "4111", 50), await stock("SAME-B", "4112", 50)];
    const lines = [
      { sku: "SAME-A", quantity: 1 },
      { sku: "SAME-B", quantity: 1 },
    ];
    const answers = await Promise.all(Array.from({ length: 20 }, () => reserve(lines, "same-1")));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(19).fill(200), 201]);
    const ids = new Set(answers.map(({ body }) => body["id"]));
    expect(ids.size).toBe(1);
    const [id] = ids;
    const commits = await Promise.all(
      Array.from({ length: 10 }, () => call("POST", `/v1/reservations/${id}/commit`, {})),
    );
    expect(commits.every(({ status }) => status === 200)).toBe(true);
    expect(await levels(...stocked)).toEqual([
      [49, 0, 1],
      [49, 0, 1],
    ]);
  });
});
