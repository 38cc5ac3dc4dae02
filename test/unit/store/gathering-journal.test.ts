import { beforeEach, describe, expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import type { JournalEntry, StoredEntry } from "../../../src/domain/journal/entry.ts";
import { gatheringJournal } from "../../../src/store/gathering-journal.ts";

const POLICY = { gatherMs: 250, waitingMax: 4, rowsMax: 3, faultsMax: 2, restMs: 10_000 };

const entry = (eventId: string): JournalEntry => ({
  ...{ atMs: 1, correlationId: fromStore<never>("cause-1"), step: "received", eventId },
  ...{ topic: "orders/create", shop: null, outcome: "queued" },
});

let atMs: number;
let isAway: boolean;
let asked: number;
let puts: (string | null)[][];
let dropped: number[];
let faults: number;
let waits: (() => void)[];

beforeEach(() => {
  [atMs, isAway, asked, faults] = [1_000, false, 0, 0];
  [puts, dropped, waits] = [[], [], []];
});

const journal = () =>
  gatheringJournal(POLICY, {
    store: {
      async put(entries: readonly StoredEntry[]) {
        asked += 1;
        if (isAway) throw new Error("D1_ERROR: database is locked");
        puts.push(entries.map(({ eventId }) => eventId));
      },
    },
    dropped: (entries) => dropped.push(entries),
    fault: () => {
      faults += 1;
    },
    nowMs: () => atMs,
    wait: () => new Promise<void>((resolve) => waits.push(resolve)),
    isolateId: "i",
  });

describe("the journal of an isolate", () => {
  it("writes a batch at once, in inserts of so many rows", async () => {
    await journal().append([entry("a"), entry("b"), entry("c"), entry("d")]);
    expect(puts).toEqual([["a", "b", "c"], ["d"]]);
  });

  it("lets the entries of requests wait for each other, and writes them in one insert", async () => {
    const ours = journal();
    const first = ours.gather([entry("a")]);
    await ours.gather([entry("b")]);
    expect(puts).toEqual([]);
    for (const go of waits) go();
    await first;
    expect({ puts, waits: waits.length }).toEqual({ puts: [["a", "b"]], waits: 1 });
  });

  it("leaves no entry behind that comes while the gathered ones are being written", async () => {
    const ours = journal();
    const first = ours.gather([entry("a")]);
    for (const go of waits) go();
    await first;
    const second = ours.gather([entry("b")]);
    expect(waits).toHaveLength(2);
    for (const go of waits) go();
    await second;
    expect(puts).toEqual([["a"], ["b"]]);
  });

  it("takes the gathered ones along with a batch, so that whoever waits for them has nothing to do", async () => {
    const ours = journal();
    const gathering = ours.gather([entry("a")]);
    await ours.append([entry("b")]);
    for (const go of waits) go();
    await gathering;
    expect(puts).toEqual([["a", "b"]]);
  });

  it("keeps what D1 did not take for the next write, in its order", async () => {
    const ours = journal();
    isAway = true;
    await ours.append([entry("a"), entry("b")]);
    isAway = false;
    await ours.append([entry("c")]);
    expect(puts).toEqual([["a", "b", "c"]]);
  });

  it("leaves D1 alone after some failures, and drops and counts the oldest of what is too much", async () => {
    const ours = journal();
    isAway = true;
    for (const name of ["a", "b", "c", "d", "e", "f"]) await ours.append([entry(name)]);
    expect({ asked, faults, dropped }).toEqual({ asked: 2, faults: 2, dropped: [] });
    atMs += POLICY.restMs;
    isAway = false;
    await ours.append([]);
    expect({ puts, dropped }).toEqual({ puts: [["c", "d", "e"], ["f"]], dropped: [2] });
  });
});
