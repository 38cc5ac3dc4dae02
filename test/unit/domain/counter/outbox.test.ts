import { describe, expect, it } from "vitest";
import { decideOutbox, markTaken, type Outbox, type OutboxNeeds } from "../../../../src/domain/counter/outbox.ts";
import { type CorrelationId, fromStore, type ShopDomain } from "../../../../src/domain/ids.ts";

const POLICY = { signalRetryMs: 10, signalRetryMsMax: 45 };
const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const CAUSE = fromStore<CorrelationId>("cause-1");
const EMPTY: Outbox = new Map();

const needs = (given: { wanting?: boolean; open?: boolean }): OutboxNeeds => ({
  wanting: new Set(given.wanting ? [SHOP] : []),
  open: new Set(given.open ? [SHOP] : []),
});
type Given = { wanting?: boolean; open?: boolean; receivedAtMs?: number };
const decide = (outbox: Outbox, given: Given, nowMs: number) => {
  const cause = { correlationId: CAUSE, receivedAtMs: given.receivedAtMs ?? null };
  return decideOutbox(outbox, needs(given), cause, POLICY, nowMs);
};

describe("the outbox", () => {
  it("signals once, however many changes follow while the signal is outstanding", () => {
    const first = decide(EMPTY, { wanting: true }, 0);
    expect(first.signals).toEqual([SHOP]);
    expect(decide(first.outbox, { wanting: true }, 9).signals).toEqual([]);
  });

  it("signals again when nothing was heard, waiting twice as long each time, up to the maximum", () => {
    let { outbox } = decide(EMPTY, { wanting: true }, 0);
    const at: number[] = [];
    for (let nowMs = 1; nowMs <= 160; nowMs += 1) {
      const next = decide(outbox, { wanting: true }, nowMs);
      if (next.signals.length > 0) at.push(nowMs);
      outbox = next.outbox;
    }
    expect(at).toEqual([10, 30, 70, 115, 160]);
  });

  it("signals news that came after its work was handed out", () => {
    const { outbox } = decide(EMPTY, { wanting: true }, 0);
    const taken = markTaken(outbox, SHOP, POLICY, 5);
    expect(decide(taken, { open: true }, 6).signals).toEqual([]);
    expect(decide(taken, { open: true, wanting: true }, 6).signals).toEqual([SHOP]);
  });

  it("asks again for work that was handed out and never answered: its gate may not have got it", () => {
    const { outbox } = decide(EMPTY, { wanting: true }, 0);
    const taken = markTaken(outbox, SHOP, POLICY, 5);
    expect(decide(taken, { open: true }, 14).signals).toEqual([]);
    expect(decide(taken, { open: true }, 15).signals).toEqual([SHOP]);
  });

  it("forgets a shop when its work is answered and nothing else is wanted", () => {
    const { outbox } = decide(EMPTY, { wanting: true }, 0);
    expect(decide(markTaken(outbox, SHOP, POLICY, 5), {}, 6)).toEqual({ outbox: new Map(), signals: [] });
  });

  it("remembers open work that it has no entry for, as after a crash between two writes", () => {
    expect(decide(EMPTY, { open: true }, 0).signals).toEqual([SHOP]);
  });

  it("leaves untouched entries the same object, so that the store writes nothing", () => {
    const { outbox } = decide(EMPTY, { wanting: true }, 0);
    expect(decide(outbox, { wanting: true }, 1).outbox.get(SHOP)).toBe(outbox.get(SHOP));
  });

  it("goes on under the cause that made a shop dirty when an answer or a timer brings the next signal", () => {
    const NOBODY = { correlationId: null, receivedAtMs: null };
    const { outbox } = decide(EMPTY, { wanting: true }, 0);
    const causeOf = (of: Outbox) => of.get(SHOP)?.correlationId;
    const late = decideOutbox(outbox, needs({ wanting: true }), NOBODY, POLICY, 11);
    expect([late.signals, causeOf(late.outbox)]).toEqual([[SHOP], CAUSE]);
    const taken = markTaken(late.outbox, SHOP, POLICY, 12);
    const next = decideOutbox(taken, needs({ wanting: true }), NOBODY, POLICY, 13);
    expect([next.signals, causeOf(next.outbox)]).toEqual([[SHOP], CAUSE]);
    expect(causeOf(decideOutbox(EMPTY, needs({ wanting: true }), NOBODY, POLICY, 0).outbox)).toBe("timer");
  });
});

describe("how long ago the oldest event of a work was received", () => {
  const received = (outbox: Outbox) => [outbox.get(SHOP)?.receivedAtMs, outbox.get(SHOP)?.laterReceivedAtMs];

  it("is that of the first one, however many follow; and those write nothing", () => {
    const first = decide(EMPTY, { wanting: true, receivedAtMs: 100 }, 0);
    const second = decide(first.outbox, { wanting: true, receivedAtMs: 105 }, 1);
    expect(received(second.outbox)).toEqual([100, null]);
    expect(second.outbox.get(SHOP)).toBe(first.outbox.get(SHOP));
    expect(received(decide(second.outbox, { wanting: true, receivedAtMs: 90 }, 2).outbox)).toEqual([90, null]);
  });

  it("stays with the work that is handed out; what comes meanwhile belongs to the next", () => {
    const { outbox } = decide(EMPTY, { wanting: true, receivedAtMs: 100 }, 0);
    let taken = decide(markTaken(outbox, SHOP, POLICY, 5), { open: true, receivedAtMs: 110 }, 6).outbox;
    taken = decide(taken, { open: true, receivedAtMs: 120 }, 7).outbox;
    expect(received(taken)).toEqual([100, 110]);
    // The answer came, and what is owed by now goes next: the counter's own turn is nobody's event.
    expect(received(decide(taken, { wanting: true }, 8).outbox)).toEqual([110, null]);
  });

  it("is kept while a signal is repeated", () => {
    const { outbox } = decide(EMPTY, { wanting: true, receivedAtMs: 100 }, 0);
    expect(received(decide(outbox, { wanting: true }, 10).outbox)).toEqual([100, null]);
    const taken = markTaken(outbox, SHOP, POLICY, 5);
    expect(received(decide(taken, { open: true }, 60).outbox)).toEqual([100, null]);
  });

  it("is unknown where nobody told", () => {
    expect(received(decide(EMPTY, { wanting: true }, 0).outbox)).toEqual([null, null]);
  });
});
