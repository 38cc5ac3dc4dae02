import { expect, it } from "vitest";
import { ShopGateJournal } from "../../../durable-objects/shop-gate-journal.ts";
import { SHOP_GATE_SCHEMA } from "../../../durable-objects/shop-gate-schema.ts";
import { pushTraces } from "../../../durable-objects/shop-gate-trace.ts";
import { type CallKey, fromStore } from "../../../src/domain/ids.ts";
import { newMemory } from "../../../src/domain/shop-gate/gate-memory.ts";
import { push, pushKey, row, skuId } from "../../support/shop-gate/builders.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const memory = newMemory(0);
const callKey = (name: string): CallKey => fromStore<CallKey>(name);

function gate() {
  const storage = new SqliteObjectStorage(SHOP_GATE_SCHEMA);
  const journal = new ShopGateJournal(storage);
  const submit = (name: string, atMs: number, of = name): void => {
    const { skuId: id, listingId } = push(of);
    journal.submit([{ push: { ...push(name, [row(-2)]), skuId: id, listingId }, refusal: null }], [], atMs);
  };
  const send = (name: string, key: string, atMs: number): void =>
    journal.startCall({ callKey: callKey(key), kind: "adjust", variables: "{}", pushKeys: [pushKey(name)] }, atMs);
  const trace = (cause: string, skus: readonly string[] = [], fromMs = 0) =>
    pushTraces(storage.sql, {
      ...{ correlationId: fromStore(`correlation-${cause}`), skuIds: skus.map(skuId), fromMs, toMs: 1_000, limit: 10 },
    });
  return { journal, submit, send, trace };
}

it("tells when a push came, first went out, in which calls, and what Shopify answered", () => {
  const { journal, submit, send, trace } = gate();
  submit("a", 100);
  send("a", "call-1", 110);
  const [carried] = journal.call(callKey("call-1"))?.pushes ?? [];
  if (carried === undefined) throw new Error("the call lost its push");
  const again = [{ push: carried, isAlone: false, notBeforeMs: 200 }];
  journal.settleCall(
    callKey("call-1"),
    { kind: "released", failed: [], queued: again, code: "THROTTLED" },
    memory,
    120,
  );
  expect(trace("a")).toMatchObject([{ state: "queued", tries: 1, firstSentAtMs: 110, lastCode: "THROTTLED" }]);
  send("a", "call-2", 210);
  const { listingId } = push("a");
  const applied = { kind: "applied", pushKey: pushKey("a"), listingId, atMs: 215, after: [] } as const;
  journal.settleCall(callKey("call-2"), { kind: "done", outcomes: [applied] }, memory, 220);
  expect(trace("a")).toEqual([
    {
      ...{ pushKey: "push-a", skuId: "sku-a", listingId, correlationId: "correlation-a", kind: "adjust" },
      ...{ rows: [{ location: "1", delta: -2 }], state: "done", tries: 2, submittedAtMs: 100, firstSentAtMs: 110 },
      ...{ callKey: "call-2", attempts: null, lastCode: "THROTTLED", settledAtMs: 220 },
      answer: { kind: "applied", shopifyAtMs: 215 },
    },
  ]);
});

it("tells what a call in doubt last met, and that an operator's cancellation failed a push", () => {
  const { journal, submit, send, trace } = gate();
  submit("a", 100);
  send("a", "call-1", 110);
  const frozen = { kind: "frozen", nextTryMs: 500, code: "TIMEOUT", message: "no reply" } as const;
  journal.settleCall(callKey("call-1"), frozen, memory, 120);
  expect(trace("a")).toMatchObject([{ state: "sending", attempts: 1, lastCode: "TIMEOUT", answer: null }]);
  const { listingId } = push("a");
  const failed = {
    kind: "failed",
    code: "CANCELLED",
    message: "",
    park: [],
    pushKey: pushKey("a"),
    listingId,
  } as const;
  journal.settlePush(failed, 300);
  expect(trace("a")).toMatchObject([
    { state: "failed", settledAtMs: 300, answer: { kind: "failed", code: "CANCELLED" } },
  ]);
});

it("finds the first pushes of a SKU after a change, whatever their cause, and names each once", () => {
  const { submit, trace } = gate();
  for (const [name, atMs] of [
    ["before", 99],
    ["first", 100],
    ["second", 200],
    ["third", 300],
  ] as const)
    submit(name, atMs, "cup");
  const keys = trace("second", ["cup"], 100).map((each) => each.pushKey);
  expect(keys).toEqual(["push-first", "push-second"]);
  expect(trace("nobody", ["lid"])).toEqual([]);
});
