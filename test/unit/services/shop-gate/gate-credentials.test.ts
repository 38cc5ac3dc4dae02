/** Tokens that are refused and credentials that grant none, seen from the calls that need them. */
import { describe, expect, it } from "vitest";
import type { GraphqlReply } from "../../../../src/services/gate-contract.ts";
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

describe("an import when no token is granted", () => {
  const ask = async (world: GateWorld): Promise<GraphqlReply> => {
    const reply = world.gate.others.graphql({ document: "{ shop }", variables: {}, cost: 10, kind: "other" });
    await world.settle();
    return reply;
  };
  const grants = (world: GateWorld) => world.steps.filter((step) => step === "token: arrived").length;

  it("is told so the first time, and asks the token endpoint no more until its pause is over", async () => {
    const world = new GateWorld();
    world.shopify.tokenFaults = Array.from({ length: 10 }, () => "refused");
    for (let calls = 0; calls < 10; calls += 1) {
      expect(await ask(world)).toMatchObject({
        kind: "refused",
        code: "token_refused",
        message: expect.stringContaining("(HTTP_400)"),
      });
      await world.advance(1_000);
    }
    expect(grants(world)).toBe(1);
    expect(status(world).pausedReason).toBe("token_HTTP_400");
  });

  it("goes on at once when an operator has corrected the credentials and resumes the gate", async () => {
    const world = new GateWorld();
    world.shopify.tokenFaults = ["refused"];
    await ask(world);
    world.gate.resume();
    expect(await ask(world)).toMatchObject({ kind: "ok" });
    expect(status(world).pausedReason).toBeNull();
  });

  it("comes again later when the endpoint only failed, as late as its pause says", async () => {
    const world = new GateWorld();
    world.shopify.tokenFaults = ["lost", "lost", "lost"];
    expect(await ask(world)).toEqual({ kind: "later", afterMs: 1_000, reason: "no_token" });
    expect(await ask(world)).toEqual({ kind: "later", afterMs: 1_000, reason: "no_token" });
    expect(await ask(world)).toEqual({ kind: "later", afterMs: 1_000, reason: "token_NETWORK" });
    expect(await ask(world)).toEqual({ kind: "later", afterMs: 1_000, reason: "token_NETWORK" });
    expect(grants(world)).toBe(3);
    await world.advance(1_000);
    expect(await ask(world)).toMatchObject({ kind: "ok" });
  });
});
