/** What only an operator decides at a gate: a push whose outcome nobody told for 23 hours, and the stop of all shops. */
import { describe, expect, it, onTestFinished } from "vitest";
import { CALL_EXPIRES_MS } from "../../src/domain/shop-gate/limits.ts";
import type { PushEvidence } from "../../src/services/gate-contract.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { GateView } from "./support/gates.ts";
import { treat } from "./support/objects.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 75, seedSecond: () => {} });

const PATIENCE_MS = 60_000;
const MINUTE_MS = 60_000;

/** Its calls are as old as the day after, and whoever looks at them is a new life. */
async function passADay({ stack, simulator }: Calm): Promise<void> {
  const text = "UPDATE call SET first_at_ms = first_at_ms - ?";
  await treat(stack, "SHOP_GATE", simulator.shop, {
    sql: [{ text, values: [CALL_EXPIRES_MS + MINUTE_MS] }],
    dies: true,
  });
}

describe("a push whose outcome is unknown for 23 hours", () => {
  it.each([
    ["was applied", true],
    ["was not applied", false],
  ] as const)(
    "and %s: it is sent no more, its evidence is shown, and nothing is lost once it is resolved",
    async (_, applied) => {
      const calm = world();
      const gate = new GateView(calm);
      const { simulator, stack } = calm;
      const sku = calm.sku();
      const before = (await gate.status()).alerts.expiredCalls;
      const mend = (): void => simulator.patchFaults({ graphql: { target: "all", lostRequestRate: 0 } });
      onTestFinished(mend);
      if (applied) simulator.planNextMutations({ kind: "lost_response" });
      simulator.patchFaults({ graphql: { target: "mutations", lostRequestRate: 1 } });
      expect(await calm.take(sku, 2)).toBe(true);
      expect(await waitUntil(async () => (await gate.status()).frozen === 1, PATIENCE_MS)).toBe(true);
      await passADay(calm);
      mend();
      // Trade goes on, and wakes the gate.
      calm.buy([sku, 1]);
      expect(await calm.take(calm.sku(), 1)).toBe(true);
      expect(await waitUntil(async () => (await gate.status()).expired === 1, PATIENCE_MS)).toBe(true);
      expect((await gate.status()).alerts.expiredCalls).toBe(before + 1);
      await calm.nothingIsLost({ skus: [sku] });

      const [push] = await gate.held();
      expect(push).toMatchObject({ reason: "expired", rows: [{ delta: -2 }] });
      const path = `/v1/shops/${simulator.shop}/gate/pushes/${encodeURIComponent(push?.pushKey ?? "")}`;
      const evidence = await stack.client.call<PushEvidence>("GET", path);
      const { call, levels } = evidence;
      expect(levels).toEqual([expect.objectContaining({ location: push?.rows[0]?.location })]);
      // What a person looks up in the history of the item at Shopify.
      const isInHistory = simulator.changes().some(({ reference }) => reference === call.callKey);
      expect(isInHistory).toBe(applied);
      await stack.client.call("POST", `${path}/resolve`, { applied: isInHistory });
      await calm.nothingIsLost();
    },
  );
});

describe("an emergency stop of all shops", () => {
  it("that one gate does not answer is a 503 that names it: the others are stopped, and it is when it is asked again", async () => {
    const calm = world();
    const { simulator, stack } = calm;
    const { client } = stack;
    const [mine, silent] = [simulator.shop, stack.second?.shop ?? ""];
    const stop = (stopped: boolean): Promise<unknown> => client.call("PATCH", "/v1/gate", { stopped });
    onTestFinished(async () => void (await stop(false)));
    const mend = await calm.break({ where: "SHOP_GATE", what: "configure", about: silent, how: "refuse" });
    onTestFinished(async () => void (await mend()));
    await expect(stop(true)).rejects.toMatchObject({ status: 503, message: expect.stringContaining(silent) });
    expect(await new GateView(calm, mine).status()).toMatchObject({ settings: { stopped: true } });
    expect(await new GateView(calm, silent).status()).toMatchObject({ settings: { stopped: false } });
    const { mutations } = simulator.stats().graphql;
    const skus = [calm.sku(), calm.sku()];
    for (const sku of skus) {
      expect(await calm.take(sku, 1)).toBe(true);
      calm.buy([sku, 1]);
    }
    expect(await new GateView(calm).untilQueued(2)).toBe(true);
    expect(await mend()).toBe(1);
    await stop(true);
    expect(await new GateView(calm, silent).status()).toMatchObject({ pausedReason: "stopped" });
    expect(simulator.stats().graphql.mutations).toBe(mutations);
    await stop(false);
    await calm.nothingIsLost();
  });
});
