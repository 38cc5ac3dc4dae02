/**
 * Random interleavings of reserving, answers that are lost or late, deaths of the coordinator, expiry, other buyers and
 * commits. At rest: nothing is held for ever, nothing was sold twice, every attempt is all or none, no unit is made or lost.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import type { LineToCommit } from "../../../src/domain/reservation/taken.ts";
import type { FinishReply, ReserveReply } from "../../../src/services/reservation/coordinator-contract.ts";
import { type Fate, type LineGiven, ReservationWorld, requestOf } from "../../support/reservation/reservation-world.ts";

const SKUS = ["A", "B", "C"];
const STOCK = { A: { here: 6, there: 3 }, B: { here: 4 }, C: { there: 5 } };
const TTL_MS = 20_000;

type Step =
  | { readonly do: "reserve"; readonly commits: boolean }
  | { readonly do: "commit"; readonly part: boolean }
  | { readonly do: "release" | "restart" }
  | { readonly do: "extend" | "wait"; readonly ms: number }
  | { readonly do: "sell"; readonly sku: string; readonly units: number };

const line: fc.Arbitrary<LineGiven> = fc.record(
  { sku: fc.constantFrom(...SKUS), quantity: fc.integer({ min: 1, max: 4 }), at: fc.constantFrom("here", "there") },
  { requiredKeys: ["sku", "quantity"] },
);
const ms = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 30_000 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("reserve" as const), commits: fc.boolean() }),
  fc.record({ do: fc.constant("commit" as const), part: fc.boolean() }),
  fc.record({ do: fc.constantFrom("release" as const, "restart" as const) }),
  fc.record({ do: fc.constantFrom("extend" as const, "wait" as const), ms }),
  fc.record({ do: fc.constant("sell" as const), sku: fc.constantFrom(...SKUS), units: fc.integer({ min: 1, max: 3 }) }),
);
const faults = fc.array(
  fc.constantFrom<Fate>("answered", "answered", "lost", "answer_lost", "late", "dies_before", "dies_after"),
  { maxLength: 40 },
);
const lines = fc.array(line, { minLength: 1, maxLength: 5 });
const anything = fc.record({ lines, steps: fc.array(step, { minLength: 1, maxLength: 12 }) });
/** Just about the expiry everything happens at once. */
const aboutTheExpiry = fc
  .record({ lines, early: fc.integer({ min: 0, max: 250 }), last: step, rest: fc.array(step, { maxLength: 5 }) })
  .map(({ early, last, rest: after, ...given }) => {
    const steps: Step[] = [{ do: "reserve", commits: false }, { do: "wait", ms: TTL_MS - early }, last, ...after];
    return { ...given, steps };
  });
const history = fc.oneof(anything, aboutTheExpiry);

/** What the client was told, as far as it was told anything. */
type Told = { committed: boolean; sold: number };

async function play(
  w: ReservationWorld,
  { lines: asked, steps }: { readonly lines: readonly LineGiven[]; readonly steps: readonly Step[] },
  afterStep: () => Promise<void> = async () => {},
): Promise<Told> {
  const told: Told = { committed: false, sold: 0 };
  const hear = (reply: ReserveReply | FinishReply | null): void => {
    if (reply !== null && "status" in reply && reply.status === "committed") told.committed = true;
  };
  const first: LineToCommit = { sku: fromStore(asked[0]?.sku ?? "A"), quantity: 1, locationId: null };
  // The client asks for one thing under its key, whichever way it began.
  const request = requestOf(asked, { ttlMs: TTL_MS });
  const begins = steps.find((s) => s.do === "reserve");
  const commits = begins?.do === "reserve" && begins.commits;
  for (const s of steps) {
    switch (s.do) {
      case "reserve":
        hear(await w.ask((desk) => desk.reserve({ ...request, commits })));
        break;
      case "commit":
        hear(await w.ask((desk) => desk.commit(s.part ? [first] : null)));
        break;
      case "release":
        hear(await w.ask((desk) => desk.release()));
        break;
      case "extend":
        hear(await w.ask((desk) => desk.extend(s.ms)));
        break;
      case "wait":
        await w.wait(s.ms);
        break;
      case "sell":
        told.sold += w.counter(s.sku).sell(s.units, w.nowMs);
        break;
      case "restart":
        w.restart();
        break;
    }
    await afterStep();
  }
  return told;
}

/** Faults have stopped, and all that was held has had its time. */
async function rest(w: ReservationWorld): Promise<void> {
  w.fates = [];
  await w.wait(200_000);
}

function checkAtRest(w: ReservationWorld, told: Told): void {
  const counters = [...w.counters.values()];
  const total = (of: (counter: (typeof counters)[number]) => number) => counters.reduce((n, c) => n + of(c), 0);
  expect(
    total((c) => c.held),
    "held for ever",
  ).toBe(0);
  expect(total((c) => c.available + c.sold) + told.sold, "units made or lost").toBe(18);
  const attempts = Map.groupBy(
    counters.flatMap((c) => [...c.attempts]),
    ([holdKey]) => holdKey,
  );
  let committedAttempts = 0;
  for (const [holdKey, members] of attempts) {
    expect(Math.max(...members.map(([, { commits }]) => commits)), `${holdKey} sold twice`).toBeLessThanOrEqual(1);
    const states = new Set(members.map(([, { state }]) => state));
    if (!states.has("committed")) continue;
    committedAttempts += 1;
    // In one that was committed every hold was sold, or released because the client left it out. None has run out.
    expect(states, `${holdKey} half committed`).not.toContain("expired");
  }
  expect(committedAttempts, "one key, sold more than once").toBeLessThanOrEqual(1);
  if (told.committed) expect(committedAttempts, "told to be sold, and was not").toBe(1);
}

it("whatever is lost, late or dies: nothing held for ever, nothing sold twice, all or none", async () => {
  await fc.assert(
    fc.asyncProperty(history, faults, async (given, fates) => {
      const w = new ReservationWorld(STOCK);
      w.fates = [...fates];
      const told = await play(w, given);
      await rest(w);
      checkAtRest(w, told);
    }),
    { numRuns: 1_500 },
  );
});

it("without faults, no counter goes below zero, and what is not open holds nothing, not even for a moment", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const w = new ReservationWorld(STOCK);
      let lowest = 0;
      w.after = (task) => {
        lowest = Math.min(lowest, ...w.counterOf(task).stock.values());
      };
      const told = await play(w, given, async () => {
        const view = await w.ask((desk) => desk.look());
        if (view?.status === "open") return;
        for (const counter of w.counters.values()) counter.expire(w.nowMs);
        expect(
          Array.from(w.counters.values(), ({ held }) => held),
          `held, and ${view?.status}`,
        ).toEqual([0, 0, 0]);
      });
      await rest(w);
      checkAtRest(w, told);
      expect(lowest).toBe(0);
      expect([...w.counters.values()].every(({ forced }) => forced === 0)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

it("dies before or after any one call, and is as if it had not: the client's repeat tells the same", async () => {
  const asked = [
    { sku: "A", quantity: 5 },
    { sku: "B", quantity: 2 },
    { sku: "C", quantity: 1 },
  ];
  for (const fate of ["dies_before", "dies_after"] as const) {
    for (let at = 0; at < 6; at += 1) {
      const w = new ReservationWorld(STOCK);
      w.fates = [...Array<Fate>(at).fill("answered"), fate];
      const request = requestOf(asked, { ttlMs: TTL_MS });
      if ((await w.ask((desk) => desk.reserve(request))) === null) await w.ask((desk) => desk.reserve(request));
      if ((await w.ask((desk) => desk.commit(null))) === null) await w.ask((desk) => desk.commit(null));
      expect(await w.ask((desk) => desk.look()), `${fate} at ${at}`).toMatchObject({ status: "committed" });
      await rest(w);
      expect(
        SKUS.map((sku) => [w.counter(sku).available, w.counter(sku).sold]),
        `${fate} at ${at}`,
      ).toEqual([
        [4, 5],
        [2, 2],
        [4, 1],
      ]);
    }
  }
});
