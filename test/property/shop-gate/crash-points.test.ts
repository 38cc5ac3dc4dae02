/**
 * The life of the gate ends after each single step of a scenario, in turn: every write of the journal, either side of every
 * request and of every report. Whatever the step, the next life brings each push to Shopify exactly once, and its counter
 * hears one word about it.
 */
import { describe, expect, it } from "vitest";
import type { SubmitRequest } from "../../../src/services/gate-contract.ts";
import { itemOf, push, pushKey, read, row, skuId } from "../../support/shop-gate/builders.ts";
import { GateWorld } from "../../support/shop-gate/gate-world.ts";
import type { Fault } from "../../support/shop-gate/model-shopify.ts";

type Scenario = {
  readonly faults: readonly Fault[];
  readonly reports?: GateWorld["reportFaults"];
  readonly tokens?: ("ok" | "refused" | "lost")[];
  /** Whose row Shopify refuses. */
  readonly bad?: string;
};

const NAMES = ["a", "b", "c"] as const;
const DELTAS = { a: -1, b: 5, c: -7 } as const;
const first: SubmitRequest = { pushes: [push("a"), push("b", [row(5, itemOf("b"))])], reads: [read("r", ["1"])] };
const second: SubmitRequest = { pushes: [push("c", [row(-7, itemOf("c"))])], reads: [] };

async function play(scenario: Scenario, killAfter: number | null): Promise<GateWorld> {
  const world = new GateWorld();
  world.killAfter = killAfter;
  world.shopify.faults = [...scenario.faults];
  world.shopify.tokenFaults = [...(scenario.tokens ?? [])];
  world.reportFaults = [...(scenario.reports ?? [])];
  if (scenario.bad !== undefined) world.shopify.badRows.set(`${itemOf(scenario.bad)}@1`, "INVALID_LOCATION");
  world.shopify.levels.set(`${itemOf("r")}@1`, 3);
  world.submit(first);
  await world.advance(300);
  world.submit(second);
  await world.advance(20_000);
  world.shopify.arriveLate();
  // Counters hand out what is open again and again: whoever did not hear submits once more.
  world.submit(first);
  world.submit(second);
  await world.advance(15 * 60_000);
  return world;
}

function expectExactlyOnce(world: GateWorld, bad: string | undefined): void {
  for (const name of NAMES) {
    const counter = world.counter(skuId(name));
    expect(counter.pushes.get(pushKey(name))?.kind).toBe(name === bad ? "failed" : "applied");
    expect(counter.contradictions).toEqual([]);
    expect(world.shopify.level(itemOf(name), "1")).toBe(name === bad ? 0 : DELTAS[name]);
  }
  expect(world.shopify.applications).toHaveLength(bad === undefined ? 3 : 2);
  expect(world.journal.counts()).toEqual({ queued: 0, sending: 0, frozen: 0, expired: 0, unreported: 0 });
  expect(world.journal.reads()).toEqual([]);
}

const scenarios: Readonly<Record<string, Scenario>> = {
  "all goes well": { faults: [] },
  "a request is lost, a reply is lost": { faults: ["request_lost", "reply_lost"] },
  "a request is late, its retry is throttled": { faults: ["request_late", "throttled", "concurrent"] },
  "Shopify fails after applying": { faults: ["http_503_applied", "internal_error_applied", "service_unavailable"] },
  "a row is refused": { faults: [], bad: "b" },
  "a row is refused after a lost request": { faults: ["request_lost"], bad: "a" },
  "the call fails as a whole, then its token": { faults: ["failed_whole", "http_401"] },
  "counters do not answer": { faults: ["throttled"], reports: ["unreachable", "ack_lost", "unreachable", "ack_lost"] },
  "tokens are lost": { faults: [], tokens: ["lost", "lost", "lost"] },
};

describe.each(Object.entries(scenarios))("crash: %s", (_, scenario) => {
  it("each push is applied once and told once, whatever step was the last", async () => {
    const rehearsal = await play(scenario, null);
    expectExactlyOnce(rehearsal, scenario.bad);
    const steps = rehearsal.steps.length;
    expect(steps).toBeGreaterThan(20);
    for (let killAfter = 1; killAfter <= steps; killAfter += 1) {
      const world = await play(scenario, killAfter);
      try {
        expectExactlyOnce(world, scenario.bad);
      } catch (error) {
        const where = world.steps.slice(0, killAfter).join("\n  ");
        throw new Error(`life ended after step ${killAfter}:\n  ${where}`, { cause: error });
      }
    }
  });
});
