/** Tokens that are refused and credentials that grant none, seen from the calls that need them. */
import { describe, expect, it } from "vitest";
import { itemOf, push } from "../../../support/shop-gate/builders.ts";
import { GateWorld } from "../../../support/shop-gate/gate-world.ts";

const status = (world: GateWorld) => world.life.operator.status();

describe("a token that Shopify revokes while calls are under way", () => {
  it("is replaced once, and their 401s pause nothing: the new token has not been tried yet", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [push("a")] });
    await world.advance(1_000);
    world.latencyMs = 400;
    world.shopify.validToken = "revoked";
    for (const name of ["b", "c", "d"]) {
      world.submit({ pushes: [push(name)] });
      await world.advance(130); // each in a call of its own, all three under way before the first answer
    }
    expect(world.shopify.requests).toHaveLength(4);
    await world.advance(2_000);
    expect(status(world)).toMatchObject({ pausedReason: null, queued: 0, sending: 0 });
    expect(world.shopify.tokensGranted).toBe(2);
    for (const name of ["b", "c", "d"]) expect(world.shopify.level(itemOf(name), "1")).toBe(-1);
  });

  it("pauses the shop when the new one is refused too", async () => {
    const world = new GateWorld();
    world.submit({ pushes: [push("a")] });
    await world.advance(1_000);
    world.shopify.validToken = "revoked";
    world.shopify.grant = () => ({ kind: "granted", accessToken: "useless", expiresInSeconds: 86_399 });
    world.submit({ pushes: [push("b")] });
    await world.advance(2_000);
    expect(status(world)).toMatchObject({ pausedReason: "unauthorized", queued: 1 });
  });
});
