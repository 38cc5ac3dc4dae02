import { describe, expect, it } from "vitest";
import type { SkuId } from "../../../src/domain/ids.ts";
import { type ConsumeShopifySyncDeps, consumeShopifySync } from "../../../src/queues/consume-shopify-sync.ts";
import { specOf } from "../../../src/queues/queue-table.ts";
import type { Counters } from "../../../src/services/counter-contract.ts";
import type { SubmitRequest } from "../../../src/services/gate-contract.ts";
import { fakeBatch, settleDeps } from "../../support/queues/fake-queue.ts";

const spec = specOf("onhand-shopify-sync");
if (spec === undefined) throw new Error("no such queue");

const signal = (id: string, skuId: string, given: { shop?: string; attempts?: number } = {}) => {
  const { shop = "a.myshopify.com", attempts = 1 } = given;
  return { id, attempts, body: { v: 1, kind: "dirty", skuId, shop, correlationId: "c", sentAt: 0 } };
};

function world(gate: { readonly isAway?: boolean } = {}) {
  const settle = settleDeps();
  const submitted: (SubmitRequest & { shop: string })[] = [];
  const counters = {
    of: (skuId: SkuId) => ({
      takeWork: async () => {
        if (skuId === ("broken" as string)) throw new Error("reset");
        return { pushes: skuId === ("idle" as string) ? [] : [{ pushKey: `push-${skuId}` }], reads: [] };
      },
    }),
  } as unknown as Counters;
  const deps: ConsumeShopifySyncDeps = {
    ...settle.deps,
    counters,
    gateOf: (shop) => ({
      submit: async (request) => {
        if (gate.isAway) throw new Error("gate is away");
        submitted.push({ shop, ...request });
        return { pushes: [] };
      },
    }),
  };
  const consume = async (...messages: Parameters<typeof fakeBatch>[1]) => {
    const { batch, settled } = fakeBatch("onhand-shopify-sync", messages);
    await consumeShopifySync(batch, spec as NonNullable<typeof spec>, deps);
    return settled.toSorted((a, b) => a.id.localeCompare(b.id));
  };
  return { ...settle, submitted, consume };
}

describe("the sync consumer", () => {
  it("journals each cause that had something for its shop once the gate has it", async () => {
    const { consume, journalled } = world();
    await consume(signal("1", "x"), signal("2", "idle"), signal("3", "broken"));
    await Promise.resolve();
    expect(journalled).toEqual([
      {
        ...{
          atMs: 1_000,
          correlationId: "c",
          step: "submitted",
          eventId: null,
          topic: "dirty",
          shop: "a.myshopify.com",
        },
        ...{ skuIds: ["x"], outcome: "push", ms: 1_000 },
      },
    ]);
    const away = world({ isAway: true });
    await away.consume(signal("1", "x"));
    await Promise.resolve();
    expect(away.journalled).toEqual([]);
  });

  it("asks a counter once however many signals it sent, and each shop's gate once", async () => {
    const { consume, submitted } = world();
    const settled = await consume(
      signal("1", "x"),
      signal("2", "x"),
      signal("3", "y"),
      signal("4", "x", { shop: "b.myshopify.com" }),
    );
    expect(settled.map(({ how }) => how)).toEqual(["acked", "acked", "acked", "acked"]);
    expect(submitted.map(({ shop, pushes }) => [shop, pushes.map(({ pushKey }) => pushKey)])).toEqual([
      ["a.myshopify.com", ["push-x", "push-y"]],
      ["b.myshopify.com", ["push-x"]],
    ]);
  });

  it("tries the signals of a counter again that failed, and not the others'", async () => {
    const { consume } = world();
    expect(await consume(signal("1", "x"), signal("2", "broken"))).toEqual([
      { id: "1", how: "acked" },
      { id: "2", how: "retried", delaySeconds: 1 },
    ]);
  });

  it("tries all again that the gate has not got, and asks no gate when there is nothing to bring", async () => {
    const { consume } = world({ isAway: true });
    expect(await consume(signal("1", "x"), signal("2", "idle"))).toMatchObject([
      { how: "retried" },
      { how: "retried" },
    ]);
    expect(await consume(signal("3", "idle"))).toEqual([{ id: "3", how: "acked" }]);
  });

  it("buries what it cannot read, and what is out of tries, with the reason", async () => {
    const { consume, buried, noted } = world();
    const settled = await consume(
      { id: "1", body: "?" },
      signal("2", "broken", { attempts: 8 }),
      signal("3", "broken", { attempts: 9 }),
    );
    expect(settled).toMatchObject([{ how: "acked" }, { how: "retried" }, { how: "acked" }]);
    expect(buried).toMatchObject([
      { code: "unreadable", messageId: "1" },
      { code: "counter_away", message: "counter broken: Error: reset", messageId: "3" },
    ]);
    expect(noted).toMatchObject([{ eventId: "broken/a.myshopify.com", error: { attempt: 8 } }]);
  });
});
