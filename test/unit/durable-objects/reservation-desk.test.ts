/** A coordinator over model counters: every outcome, and races put exactly where they hurt. */
import { describe, expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import type { LineToCommit } from "../../../src/domain/reservation/taken.ts";
import { type LineGiven, ReservationWorld, requestOf } from "../../support/reservation/reservation-world.ts";

const TWO: readonly LineGiven[] = [
  { sku: "CUP", quantity: 2 },
  { sku: "LID", quantity: 1 },
];
const world = () => new ReservationWorld({ CUP: { here: 5 }, LID: { here: 3 } });
const units = (sku: string, quantity: number): LineToCommit => ({ sku: fromStore(sku), quantity, locationId: null });
const levels = (w: ReservationWorld) =>
  ["CUP", "LID"].map((sku) => {
    const { available, held, sold } = w.counter(sku);
    return [available, held, sold];
  });

describe("reserve", () => {
  it("holds every line, in one call to each counter", async () => {
    const w = world();
    expect(await w.ask((desk) => desk.reserve(requestOf(TWO)))).toMatchObject({ kind: "granted", status: "open" });
    expect(w.asked).toEqual(["hold CUP", "hold LID"]);
    expect(levels(w)).toEqual([
      [3, 2, 0],
      [2, 1, 0],
    ]);
  });

  it("costs a reservation of one SKU one call, however many lines it has", async () => {
    const w = world();
    const lines = [
      { sku: "CUP", quantity: 2 },
      { sku: "CUP", quantity: 3, at: "here" },
    ];
    expect(await w.ask((desk) => desk.reserve(requestOf(lines)))).toMatchObject({ kind: "granted" });
    expect(w.asked).toEqual(["hold CUP"]);
    await w.ask((desk) => desk.commit(null));
    expect(w.asked).toEqual(["hold CUP", "commit CUP"]);
  });

  it("holds nothing when one line is refused, and names every short one", async () => {
    const w = world();
    const lines = [...TWO, { sku: "CUP", quantity: 4 }];
    const reply = await w.ask((desk) => desk.reserve(requestOf([...lines, { sku: "LID", quantity: 9 }])));
    expect(reply).toMatchObject({
      kind: "refused",
      refusals: [
        { sku: "CUP", refusal: { kind: "insufficient" } },
        { sku: "LID", refusal: { kind: "insufficient" } },
      ],
    });
    const one = await w.ask((desk) => desk.reserve(requestOf([...TWO, { sku: "LID", quantity: 9 }])));
    expect(one).toMatchObject({ kind: "refused", refusals: [{ sku: "LID" }] });
    expect(levels(w)).toEqual([
      [5, 0, 0],
      [3, 0, 0],
    ]);
  });

  it("forgets a refusal: the same key succeeds when stock has come", async () => {
    const w = new ReservationWorld({ CUP: { here: 5 }, LID: { here: 0 } });
    expect(await w.ask((desk) => desk.reserve(requestOf(TWO)))).toMatchObject({ kind: "refused" });
    w.counter("LID").stock.set(fromStore("here"), 1);
    expect(await w.ask((desk) => desk.reserve(requestOf(TWO)))).toMatchObject({ kind: "granted" });
  });

  it("answers a repeat with what became of it, and another body under the same key with an error", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    expect(await w.ask((desk) => desk.reserve(requestOf(TWO)))).toMatchObject({ kind: "replayed", status: "open" });
    expect(await w.ask((desk) => desk.reserve(requestOf(TWO.slice(1))))).toEqual({ kind: "key_reused" });
    await w.ask((desk) => desk.commit(null));
    w.restart();
    expect(await w.ask((desk) => desk.reserve(requestOf(TWO)))).toMatchObject({
      kind: "replayed",
      status: "committed",
    });
    expect(levels(w)).toEqual([
      [3, 0, 2],
      [2, 0, 1],
    ]);
  });

  it("lets go of what it holds when a counter does not answer, also of a hold that arrives later", async () => {
    const w = world();
    w.fates = ["answered", "late"];
    expect(await w.ask((desk) => desk.reserve(requestOf(TWO, { ttlMs: 7 * 86_400_000 })))).toMatchObject({
      kind: "unanswered",
    });
    expect(levels(w)[0]).toEqual([5, 0, 0]);
    await w.wait(41_000);
    expect(w.counter("LID").held).toBe(1); // it has arrived, and nobody has asked for it any more
    await w.wait(30_000);
    expect(levels(w)).toEqual([
      [5, 0, 0],
      [3, 0, 0],
    ]);
    expect(w.storage.alarmAtMs).toBeNull();
  });

  it("asked again while an earlier attempt cannot be let go, does not call its own units a shortage", async () => {
    const w = world();
    const all = [{ sku: "CUP", quantity: 5 }];
    w.fates = ["answer_lost", "lost", "lost"];
    expect(await w.ask((desk) => desk.reserve(requestOf(all)))).toMatchObject({ kind: "unanswered" });
    expect(await w.ask((desk) => desk.reserve(requestOf(all)))).toMatchObject({ kind: "unanswered" });
    expect(await w.ask((desk) => desk.reserve(requestOf(all)))).toMatchObject({ kind: "granted" });
  });

  it("tells what would be, and holds nothing", async () => {
    const w = world();
    expect(await w.ask((desk) => desk.tryReserve(requestOf(TWO)))).toMatchObject({ kind: "granted", status: "open" });
    expect(await w.ask((desk) => desk.tryReserve(requestOf([{ sku: "CUP", quantity: 6 }])))).toMatchObject({
      kind: "refused",
    });
    expect(levels(w)).toEqual([
      [5, 0, 0],
      [3, 0, 0],
    ]);
    expect(await w.ask((desk) => desk.look())).toBeNull();
  });

  it("sells at once what it could hold, when that is asked for", async () => {
    const w = world();
    const sale = requestOf(TWO, { commits: true });
    expect(await w.ask((desk) => desk.reserve(sale))).toMatchObject({ kind: "granted", status: "committed" });
    expect(await w.ask((desk) => desk.reserve(sale))).toMatchObject({ kind: "replayed", status: "committed" });
    expect(levels(w)).toEqual([
      [3, 0, 2],
      [2, 0, 1],
    ]);
  });
});

describe("commit", () => {
  it("sells a part and releases the rest, also of a SKU that it does not name", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    const reply = await w.ask((desk) => desk.commit([units("CUP", 1)]));
    expect(reply).toMatchObject({ kind: "done", status: "committed", isSettled: true });
    expect(levels(w)).toEqual([
      [4, 0, 1],
      [3, 0, 0],
    ]);
  });

  it("takes as many of each component as a line of a bundle needs", async () => {
    const w = world();
    const bundle = { sku: fromStore<never>("SET"), quantity: 2, locationId: null };
    const part = (sku: string, each: number) => ({
      skuId: fromStore<never>(sku),
      sku: fromStore<never>(sku),
      parts: [{ line: 0, each, quantity: 2 * each, locationId: null }],
    });
    const request = requestOf([], { lines: [bundle], members: [part("CUP", 2), part("LID", 1)] });
    await w.ask((desk) => desk.reserve(request));
    expect(levels(w)).toEqual([
      [1, 4, 0],
      [1, 2, 0],
    ]);
    await w.ask((desk) => desk.commit([units("SET", 1)]));
    expect(levels(w)).toEqual([
      [3, 0, 2],
      [2, 0, 1],
    ]);
  });

  it("refuses more than is held, and SKUs that are not in it", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    const asked = [units("LID", 1), units("CUP", 3)];
    expect(await w.ask((desk) => desk.commit(asked))).toEqual({ kind: "not_held", index: 1, held: 2 });
    expect(await w.ask((desk) => desk.commit([units("BOX", 1)]))).toEqual({ kind: "not_held", index: 0, held: 0 });
    expect(await w.ask((desk) => desk.look())).toMatchObject({ status: "open" });
  });

  it("is one thing when repeated, and another when it asks for another part", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    await w.ask((desk) => desk.commit(null));
    expect(await w.ask((desk) => desk.commit([units("CUP", 2), units("LID", 1)]))).toMatchObject({ kind: "repeated" });
    expect(await w.ask((desk) => desk.commit([units("CUP", 1)]))).toMatchObject({ kind: "already_committed" });
    expect(await w.ask((desk) => desk.release())).toMatchObject({ kind: "already_committed" });
    expect(await w.ask((desk) => desk.extend(1_000))).toMatchObject({ kind: "already_committed" });
  });

  it("is carried out by the alarm when a counter was away, or the coordinator died", async () => {
    for (const fate of ["lost", "answer_lost", "late", "dies_before", "dies_after"] as const) {
      const w = world();
      await w.ask((desk) => desk.reserve(requestOf(TWO)));
      w.fates = ["answered", fate];
      await w.ask((desk) => desk.commit(null));
      await w.wait(5_000);
      expect(levels(w), fate).toEqual([
        [3, 0, 2],
        [2, 0, 1],
      ]);
    }
  });

  it("close to its expiry, lasts longer first: nobody is sold what another could have got meanwhile", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    await w.wait(59_000);
    w.asked.length = 0;
    const expiryMs = w.nowMs + 900;
    w.before = (task) => {
      if (task.kind !== "commit" || task.skuId !== "LID") return;
      w.nowMs = Math.max(w.nowMs, expiryMs); // the last call takes until after the old expiry,
      w.counter("LID").sell(3, w.nowMs); //     where another buyer waits
    };
    expect(await w.ask((desk) => desk.commit(null))).toMatchObject({ kind: "done", status: "committed" });
    expect(w.asked).toEqual(["extend CUP", "extend LID", "commit CUP", "commit LID"]);
    expect(w.counter("LID")).toMatchObject({ available: 2, sold: 1, forced: 0 });
  });

  it("at the very moment of its expiry is too late, and what one counter still holds is let go", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    await w.wait(59_950); // the first counter is asked at 59.99 s, the second at 60.01 s
    expect(await w.ask((desk) => desk.commit(null))).toMatchObject({ kind: "expired", status: "expired" });
    await w.wait(1_000);
    expect(levels(w)).toEqual([
      [5, 0, 0],
      [3, 0, 0],
    ]);
  });
});

describe("release, extend, expiry", () => {
  it("gives everything back once, and says so when repeated", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    expect(await w.ask((desk) => desk.release())).toMatchObject({ kind: "done", status: "released" });
    expect(await w.ask((desk) => desk.release())).toMatchObject({ kind: "repeated" });
    expect(await w.ask((desk) => desk.commit(null))).toMatchObject({ kind: "already_released" });
    expect(levels(w)[0]).toEqual([5, 0, 0]);
  });

  it("expires to the millisecond, alarm or no alarm", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO, { ttlMs: 10_000 })));
    const view = await w.ask((desk) => desk.look());
    w.nowMs = (view?.reservation.expiresAtMs ?? 0) - 1;
    expect(await w.ask((desk) => desk.look())).toMatchObject({ status: "open" });
    w.nowMs += 1;
    expect(await w.ask((desk) => desk.look())).toMatchObject({ status: "expired" });
    expect(await w.ask((desk) => desk.release())).toMatchObject({ kind: "expired" });
    expect(await w.ask((desk) => desk.extend(60_000))).toMatchObject({ kind: "expired" });
    expect(await w.ask((desk) => desk.commit(null))).toMatchObject({ kind: "expired" });
  });

  it("lasts as long as it was extended to, and never shorter than it was", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    expect(await w.ask((desk) => desk.extend(1_000))).toMatchObject({ kind: "repeated" });
    expect(await w.ask((desk) => desk.extend(120_000))).toMatchObject({ kind: "done", status: "open" });
    await w.wait(100_000);
    expect(levels(w)[0]).toEqual([3, 2, 0]);
    await w.wait(21_000);
    expect(levels(w)[0]).toEqual([5, 0, 0]);
  });

  it("is extended at all counters or, where one hold has gone, ends at all", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    w.fates = ["answered", "lost"];
    expect(await w.ask((desk) => desk.extend(3_600_000))).toMatchObject({ kind: "undecided" });
    w.fates = Array(20).fill("lost");
    await w.wait(62_000); // the second hold has expired meanwhile
    w.fates = [];
    await w.wait(61_000);
    expect(await w.ask((desk) => desk.look())).toMatchObject({ status: "expired" });
    expect(levels(w)).toEqual([
      [5, 0, 0],
      [3, 0, 0],
    ]);
  });

  it("can be released while an extension hangs", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    w.fates = ["answered", "lost", "lost"];
    await w.ask((desk) => desk.extend(3_600_000));
    expect(await w.ask((desk) => desk.release())).toMatchObject({ kind: "done", status: "released" });
    expect(levels(w)[1]).toEqual([3, 0, 0]);
  });

  it("is forgotten a while after its end, and leaves nothing stored", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    await w.ask((desk) => desk.commit(null));
    await w.wait(86_300_000);
    expect(await w.ask((desk) => desk.look())).toMatchObject({ status: "committed" });
    await w.wait(200_000);
    expect(await w.ask((desk) => desk.look())).toBeNull();
    expect(w.storage.database.prepare("SELECT COUNT(*) AS n FROM sqlite_master").get()).toEqual({ n: 0 });
    expect(await w.ask((desk) => desk.commit(null))).toEqual({ kind: "unknown" });
  });
});

describe("endings, for the metrics,", () => {
  const endings = (w: ReservationWorld) => w.tally.take(10).counters.map(({ labels, by }) => [labels["outcome"], by]);

  it("are counted when they are decided, once, however often they are asked for again", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    expect(endings(w)).toEqual([]);
    await w.ask((desk) => desk.commit(null));
    await w.ask((desk) => desk.commit(null));
    w.restart();
    await w.ask((desk) => desk.release());
    expect(endings(w)).toEqual([["committed", 1]]);
  });

  it("that nobody asks for are counted by the alarm", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    await w.wait(8 * 86_400_000);
    expect(endings(w)).toEqual([["expired", 1]]);
  });

  it("of a dry run are none", async () => {
    const w = world();
    await w.ask((desk) => desk.reserve(requestOf(TWO)));
    await w.ask((desk) => desk.release({ dryRun: true }));
    expect(endings(w)).toEqual([]);
  });
});
