/** A level that takes no pushes any more: somebody is told, and has the last word. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromStore } from "../../src/domain/ids.ts";
import type { CounterForGate } from "../../src/services/gate-contract.ts";
import { call } from "./support/api.ts";
import { connected, HERE, LISTING, level, movement, OPENED_MS, SHOP, snapshot, THERE } from "./support/counters.ts";
import { until } from "./support/until.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

type Letter = { readonly id: string; readonly code: string; readonly subject: string; readonly status: string };
type Counter = Awaited<ReturnType<typeof connected>>;

const lettersOf = async (correlationId: string): Promise<readonly Letter[]> =>
  (await call("GET", `/v1/dead-letters?correlationId=${correlationId}`)).body["deadLetters"] as Letter[];
const letterOf = async (correlationId: string): Promise<Letter> => {
  const [letter] = await until(
    () => lettersOf(correlationId),
    (letters) => letters.length > 0,
  );
  if (letter === undefined) throw new Error("no letter");
  return letter;
};

/** Past the least time between two reads, and the pause after a failed push. */
const later = (): void => {
  const nowMs = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(nowMs + 3_000);
};

async function answerRead(counter: Counter, levels: readonly (readonly [typeof HERE, number])[]): Promise<string> {
  const [read] = (await counter.takeWork(SHOP)).reads;
  const readKey = fromStore<Parameters<CounterForGate["gateResults"]>[0]["reads"][number]["readKey"]>(
    read?.readKey ?? "",
  );
  await counter.gateResults({
    pushes: [],
    reads: [
      {
        readKey,
        listingId: LISTING,
        kind: "answered",
        levels: levels.map(([location, available]) => ({
          location: fromStore(location),
          available,
          committed: 0,
          atMs: OPENED_MS + 60_000,
        })),
      },
    ],
  });
  return readKey;
}

describe("a level that Shopify refuses a push for", () => {
  it("becomes a dead letter that names it, and replaying the letter lets pushes go again", async () => {
    const counter = await connected("refused", level(HERE, 10), level(THERE, 10));
    await counter.apply([movement({ key: "till", delta: -2 })]);
    const [push] = (await counter.takeWork(SHOP)).pushes;
    const pushKey = fromStore<NonNullable<typeof push>["pushKey"]>(push?.pushKey ?? "");
    const failed = {
      kind: "failed",
      code: "NON_MUTABLE_INVENTORY_ITEM",
      message: "no",
      park: [fromStore(HERE)],
    } as const;
    const correlationId = fromStore<never>("cause-of-refused");
    const results = {
      pushes: [{ pushKey, listingId: LISTING, correlationId, ...failed, park: [fromStore<never>(HERE)] }],
      reads: [],
    };
    await counter.gateResults(results);
    await counter.gateResults(results); // told twice: the same letter
    const letter = await letterOf("cause-of-refused");
    expect(letter).toMatchObject({
      code: "NON_MUTABLE_INVENTORY_ITEM",
      subject: `refused: level of ${LISTING} at ${HERE}`,
    });
    expect(await lettersOf("cause-of-refused")).toHaveLength(1);
    later();
    expect((await counter.takeWork(SHOP)).pushes).toEqual([]);
    expect((await call("POST", `/v1/dead-letters/${letter.id}/replay`)).status).toBe(202);
    const again = (await counter.takeWork(SHOP)).pushes;
    expect(again.map(({ rows }) => rows)).toEqual([[{ item: "1001", location: HERE, delta: -2 }]]);
    expect(again[0]?.pushKey).not.toBe(pushKey);
  });
});

describe("a level that a read no longer finds", () => {
  it("becomes a dead letter if it is owed anything, and takes pushes again once a read finds it", async () => {
    const counter = await connected("missing", level(HERE, 10), level(THERE, 10));
    await counter.audit(LISTING);
    await counter.takeWork(SHOP); // the read is under way when the till sells
    await counter.apply([movement({ key: "till", delta: -2, locationId: THERE })]);
    const letter = await letterOf(await answerRead(counter, [[HERE, 10]]));
    expect(letter).toMatchObject({ code: "LEVEL_MISSING", subject: `missing: level of ${LISTING} at ${THERE}` });
    expect(await counter.takeWork(SHOP)).toMatchObject({ pushes: [], reads: [] });
    later();
    await counter.apply([snapshot(THERE, 6, OPENED_MS + 120_000)]);
    await answerRead(counter, [
      [HERE, 10],
      [THERE, 6],
    ]);
    expect(await counter.levels()).toMatchObject({ available: 14 });
    expect((await counter.takeWork(SHOP)).pushes.map(({ rows }) => rows)).toEqual([
      [{ item: "1001", location: THERE, delta: -2 }],
    ]);
  });

  it("tells nobody while nothing is owed: the item may simply not be sold there any more", async () => {
    const counter = await connected("unowed", level(HERE, 10), level(THERE, 10));
    await counter.audit(LISTING);
    const readKey = await answerRead(counter, [[HERE, 10]]);
    later();
    expect(await lettersOf(readKey)).toEqual([]);
  });
});
