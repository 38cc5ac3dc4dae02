/**
 * A catch that stays closed for days: a counter with a push in the gate still learns what Shopify sells and restocks, and
 * when the catch opens, the push goes out exactly once. The life of the gate ends after every single step in turn, and
 * every submit is lost in turn.
 */
import { describe, expect, it } from "vitest";
import type { GateSettings } from "../../../src/services/gate-contract.ts";
import { COUNTER_ITEM, CounterAtGate } from "../../support/shop-gate/counter-at-gate.ts";
import { GateWorld } from "../../support/shop-gate/gate-world.ts";

type Loss = { readonly killAfter: number | null; readonly lostTurn: number | null };

const TURN_MS = 3_000;

class Story {
  readonly world = new GateWorld();
  readonly counter = new CounterAtGate(this.world, 10);
  turns = 0;
  readonly #lostTurn: number | null;

  constructor({ killAfter, lostTurn }: Loss) {
    this.world.killAfter = killAfter;
    this.#lostTurn = lostTurn;
  }

  /** Signals come and go: the counter is asked every few seconds. */
  async turn(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      this.turns += 1;
      this.counter.turn({ isLost: this.turns === this.#lostTurn });
      await this.world.advance(TURN_MS);
    }
  }

  shopifyChanges(delta: number): void {
    const level = `${COUNTER_ITEM}@1`;
    this.world.shopify.levels.set(level, (this.world.shopify.levels.get(level) ?? 0) + delta);
  }

  /** A life may have ended with the setting: the operator sees that, and sets it again. */
  configure(settings: Partial<GateSettings>): void {
    if (!this.world.life.isAlive) this.world.restart();
    this.world.gate.configure(settings);
  }
}

/** Level 10; our till sells 3; held. Shopify sells 3 and restocks 20. All news of it is lost. */
async function play(loss: Loss, closed: Partial<GateSettings>, open: Partial<GateSettings>): Promise<Story> {
  const story = new Story(loss);
  story.configure(closed);
  story.counter.move(-3);
  await story.turn(2);
  story.shopifyChanges(17);
  story.counter.audit();
  await story.turn(24); // a lost turn costs one more recall, a minute later
  expect([story.counter.available, story.counter.floor]).toEqual([24, 24]);
  expect(story.world.shopify.requests).toEqual([]);
  story.configure(closed); // should the life have ended with it
  expect(story.world.life.operator.held(10).map(({ rows }) => rows[0]?.delta)).toEqual([-3]);
  story.configure(open);
  await story.turn(6);
  expect(story.world.shopify.applications.map(({ delta }) => delta)).toEqual([-3]);
  story.counter.audit();
  await story.turn(4);
  expect([story.counter.available, story.world.shopify.level(COUNTER_ITEM, "1")]).toEqual([24, 24]);
  expect(story.counter.state.merge.listings.values().next().value?.open.size).toBe(0);
  expect(story.world.counter(story.counter.state.skuId).contradictions).toEqual([]);
  return story;
}

describe.each([
  ["read-only mode", { readOnly: true }, { readOnly: false }],
  ["a delta above the largest", { deltaMax: 2 }, { deltaMax: 10_000 }],
] as const)("held by %s", (_, closed, open) => {
  it("the counter gets its push back, reads, and offers it anew, whatever step was the gate's last", async () => {
    const rehearsal = await play({ killAfter: null, lostTurn: null }, closed, open);
    const steps = rehearsal.world.steps.length;
    expect(steps).toBeGreaterThan(20);
    for (let killAfter = 1; killAfter <= steps; killAfter += 1) {
      await play({ killAfter, lostTurn: null }, closed, open).catch((error: unknown) => {
        throw new Error(`life ended after step ${killAfter}: ${rehearsal.world.steps[killAfter - 1]}`, {
          cause: error,
        });
      });
    }
  });

  it("and whatever submit was lost", async () => {
    const { turns } = await play({ killAfter: null, lostTurn: null }, closed, open);
    for (let lostTurn = 1; lostTurn <= turns; lostTurn += 1) {
      await play({ killAfter: null, lostTurn }, closed, open).catch((error: unknown) => {
        throw new Error(`turn ${lostTurn} was lost`, { cause: error });
      });
    }
  });
});
