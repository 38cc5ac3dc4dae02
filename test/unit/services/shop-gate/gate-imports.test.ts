/** What an import may take of a shop's points, and what it learns of its own pages. */
import { describe, expect, it } from "vitest";
import type { GraphqlReply } from "../../../../src/services/gate-contract.ts";
import { patientGate } from "../../../../src/services/patient-gate.ts";
import { GateWorld } from "../../../support/shop-gate/gate-world.ts";

const page = { document: "query Items { a }", variables: {}, cost: 900, costName: "items/100", kind: "other" } as const;

async function ask(world: GateWorld): Promise<GraphqlReply> {
  const reply = world.gate.others.graphql(page);
  await world.settle();
  return reply;
}

describe("a page of an import", () => {
  it("asks for what Shopify said that it costs, not for the first guess, so that half a bucket holds many", async () => {
    const world = new GateWorld();
    world.shopify.cost = { requested: 190, actual: 100 };
    expect(await ask(world)).toMatchObject({ kind: "ok" });
    world.shopify.available = 1_200;
    expect(await ask(world)).toMatchObject({ kind: "ok" });
    expect(await ask(world)).toMatchObject({ kind: "ok" }); // 190 and the half that is left to pushes
    world.shopify.available = 1_100;
    await ask(world);
    expect(await ask(world)).toEqual({ kind: "later", afterMs: 900, reason: "pacing" });
  });

  it("remembers its cost across lives of the gate, and learns from a THROTTLED as well", async () => {
    const world = new GateWorld();
    world.shopify.cost = { requested: 300, actual: 100 };
    world.shopify.plainFaults = ["throttled"];
    await ask(world);
    await world.advance(5_000);
    world.shopify.available = 1_300;
    await ask(world);
    world.restart();
    expect(world.life.mind.memory.otherCosts).toEqual({ "items/100": 300 });
    expect(await ask(world)).toMatchObject({ kind: "ok" });
  });
});

describe("a patient gate", () => {
  const replies = (...answers: readonly GraphqlReply[]) => {
    const left = [...answers];
    const waited: number[] = [];
    const gate = { graphql: async () => left.shift() ?? ({ kind: "ok", data: null, cost: null } as const) };
    return { waited, gate: patientGate(gate, async (ms) => waited.push(ms)) };
  };
  const later = (afterMs: number, reason: string) => ({ kind: "later", afterMs, reason }) as const;

  it("waits for points and for its turn, to the millisecond", async () => {
    const { gate, waited } = replies(later(120, "pacing"), later(250, "busy"), later(1_000, "THROTTLED"));
    expect(await gate.graphql(page)).toMatchObject({ kind: "ok" });
    expect(waited).toEqual([120, 250, 1_000]);
  });

  it("hands on at once what does not pass by itself", async () => {
    for (const reason of ["stopped", "shop_frozen", "NETWORK", "token_NETWORK"]) {
      const { gate, waited } = replies(later(500, reason));
      expect(await gate.graphql(page)).toEqual(later(500, reason));
      expect(waited).toEqual([]);
    }
  });

  it("gives up after twenty seconds in all, and does not begin a wait that is longer than what is left", async () => {
    const { gate, waited } = replies(later(15_000, "pacing"), later(6_000, "pacing"));
    expect(await gate.graphql(page)).toEqual(later(6_000, "pacing"));
    expect(waited).toEqual([15_000]);
    expect(await replies(...Array.from({ length: 30_000 }, () => later(0, "busy"))).gate.graphql(page)).toEqual(
      later(0, "busy"),
    );
  });
});
