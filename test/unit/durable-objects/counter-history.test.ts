/** Questions to a counter's history, on the shipped SQL in Node. */
import { describe, expect, it } from "vitest";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import type { MovementRequest } from "../../../src/domain/counter/movement.ts";
import { type ChannelId, type CorrelationId, fromStore, type LocationId } from "../../../src/domain/ids.ts";
import type { MovementFilter } from "../../../src/services/counter-contract.ts";
import { asked, hold, sale } from "../../support/counter/asked.ts";
import { StoredCounter } from "../../support/counter/stored-counter.ts";

const START_MS = Date.parse("2027-01-10T00:00:00Z");
const [HERE, THERE] = [fromStore<LocationId>("1"), fromStore<LocationId>("2")];
const cause = (given: Partial<MovementRequest["cause"]>): MovementRequest["cause"] => ({
  ...{ reason: "r", reference: null, source: "api", actor: "a", correlationId: fromStore("c-1") },
  ...given,
});

/** Opening stock at two places (1, 2), then one movement a second. */
function withHistory(settings: ConstructorParameters<typeof StoredCounter>[1] = {}): StoredCounter {
  const counter = new StoredCounter(START_MS, settings).connect({ 1: 50, 2: 50 });
  const at = { locationId: HERE, occurredAtMs: START_MS };
  const events: readonly CounterEvent[] = [
    sale("s3", 2, { ...at, channel: fromStore<ChannelId>("till"), cause: cause({ reference: "R-1", source: "pos" }) }),
    asked("r4", {
      ...at,
      kind: "receipt",
      delta: 5,
      cause: cause({ reason: "delivery", correlationId: fromStore("c-2") }),
    }),
    sale("s5", 1, { ...at, locationId: THERE }),
    asked("a6", { ...at, delta: -1 }),
    sale("s7", 3, at),
  ];
  for (const event of events) {
    counter.nowMs += 1_000;
    counter.apply(event);
  }
  return counter;
}
const found = (counter: StoredCounter, filter: MovementFilter) =>
  counter.desk.movements({ beforeSeq: null, limit: 50, filter }).movements.map(({ seq }) => seq);

describe("a filter of movements", () => {
  it.each<[string, MovementFilter, readonly number[]]>([
    ["kinds", { kinds: ["sale", "receipt"] }, [7, 5, 4, 3]],
    ["location", { locationId: THERE }, [5, 2]],
    ["source", { source: "pos" }, [3]],
    ["reason", { reason: "delivery" }, [4]],
    ["channel", { channel: fromStore<ChannelId>("till") }, [3]],
    ["reference", { reference: "R-1" }, [3]],
    ["correlation id", { correlationId: fromStore<CorrelationId>("c-2") }, [4]],
    ["all at once", { kinds: ["sale"], locationId: HERE, fromMs: START_MS + 2_000 }, [7]],
    ["nothing that is there", { reference: "R-2" }, []],
  ])("finds by %s", (_, filter, seqs) => {
    expect(found(withHistory(), filter)).toEqual(seqs);
  });

  it("takes from a moment on, and up to one that is not in it any more", () => {
    const counter = withHistory();
    expect(found(counter, { fromMs: START_MS + 2_000, toMs: START_MS + 4_000 })).toEqual([5, 4]);
    expect(found(counter, { fromMs: START_MS + 2_001, toMs: START_MS + 4_001 })).toEqual([6, 5]);
    expect(found(counter, { toMs: START_MS })).toEqual([]);
    expect(found(counter, { fromMs: START_MS + 60_000 })).toEqual([]);
  });

  it("that finds nothing looks through so many rows at a call, and hands on where it stopped", () => {
    const counter = withHistory({ historyRowsMax: 3 });
    const filter = { kinds: ["damage"] as const };
    const first = counter.desk.movements({ beforeSeq: null, limit: 50, filter });
    expect(first).toEqual({ movements: [], nextBeforeSeq: 5 });
    const second = counter.desk.movements({ beforeSeq: 5, limit: 50, filter });
    expect(second).toEqual({ movements: [], nextBeforeSeq: 2 });
    expect(counter.desk.movements({ beforeSeq: 2, limit: 50, filter })).toEqual({ movements: [], nextBeforeSeq: null });
  });

  it("pages through all it finds, each once, whatever the page's length and the rows of a call", () => {
    for (const historyRowsMax of [1, 2, 3, 100])
      for (const limit of [1, 2, 50]) {
        const counter = withHistory({ historyRowsMax });
        const seqs: number[] = [];
        let beforeSeq: number | null = null;
        do {
          const page = counter.desk.movements({ beforeSeq, limit, filter: { kinds: ["sale"] } });
          seqs.push(...page.movements.map(({ seq }) => seq));
          beforeSeq = page.nextBeforeSeq;
        } while (beforeSeq !== null);
        expect(seqs).toEqual([7, 5, 3]);
      }
  });
});

describe("a movement", () => {
  it("tells the states that it changed as they were after it, and is read back so", () => {
    const counter = withHistory();
    counter.apply(hold("res", 4, { lines: [{ locationId: HERE, quantity: 4 }], expiresAtMs: counter.nowMs + 1_000 }));
    const { movements } = counter.desk.movements({ beforeSeq: null, limit: 50 });
    expect(movements.map(({ seq, statesAfter }) => [seq, statesAfter])).toEqual([
      [8, { reserved: 4 }],
      [7, { committed: 5 }],
      [6, undefined],
      [5, { committed: 1 }],
      [4, undefined],
      [3, { committed: 2 }],
      [2, undefined],
      [1, undefined],
    ]);
  });
});

describe("a sum of history that takes several calls", () => {
  const DAY_MS = 86_400_000;
  /** One sale a day for twenty days, and one row at a call. */
  function slow(): StoredCounter {
    const counter = new StoredCounter(START_MS, {
      ...{ historyRowsMax: 1, pruneEveryMs: 1_000, pruneRowsMax: 3 },
      limits: { horizonMs: 30 * DAY_MS, levelMax: 1e9 },
    }).connect({ 1: 100 });
    for (let day = 1; day <= 20; day += 1) {
      counter.nowMs += DAY_MS;
      counter.apply(sale(`s${day}`, 1, { locationId: HERE, occurredAtMs: counter.nowMs }));
    }
    return counter;
  }

  it("begins again when rows that it has not come to are folded in between", async () => {
    const counter = slow();
    const askedMs = START_MS + 8 * DAY_MS;
    const first = counter.desk.levelsAt(askedMs, null);
    expect(first).toMatchObject({ kind: "under_way", sum: { from: "balances", doneSeq: 1 } });
    counter.nowMs += 12 * DAY_MS; // the first two rows are over the horizon
    await counter.desk.alarm();
    expect(counter.storage.sql.exec("SELECT MIN(seq) AS seq FROM movements").one()).toEqual({ seq: 3 });
    let reply = counter.desk.levelsAt(askedMs, first.kind === "under_way" ? first.sum : null);
    while (reply.kind === "under_way") reply = counter.desk.levelsAt(askedMs, reply.sum);
    expect(reply).toMatchObject({ precision: "exact", locations: [{ ledger: 92, committed: 8 }] });
  });

  it("counts a sale that comes in between only if it belongs to the moment", () => {
    const counter = slow();
    const askedMs = START_MS + 16 * DAY_MS;
    let reply = counter.desk.levelsAt(askedMs, null);
    expect(reply).toMatchObject({ kind: "under_way", sum: { from: "moment" } });
    for (let n = 0; reply.kind === "under_way"; n += 1) {
      if (n < 3) counter.apply(sale(`late-${n}`, 1, { locationId: HERE, occurredAtMs: askedMs }));
      reply = counter.desk.levelsAt(askedMs, reply.sum);
    }
    expect(reply).toMatchObject({ precision: "exact", locations: [{ ledger: 84, committed: 16 }] });
  });
});
