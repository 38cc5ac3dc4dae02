import { expect, it } from "vitest";
import { checkReadiness, type ReadinessDeps } from "../../../src/services/check-readiness.ts";

const hangs = () => new Promise<never>(() => {});
const check = (given: Partial<ReadinessDeps>) =>
  checkReadiness({
    mirror: { ping: async () => "ok" },
    database: async () => [],
    counter: async () => null,
    msMax: 20,
    log: () => {},
    ...given,
  });

it("tells of each part whether it answers; no Redis at all is no fault", async () => {
  expect(await check({})).toEqual({ redis: "ok", d1: "ok", counter: "ok" });
  expect(await check({ mirror: { ping: async () => "disabled" } })).toMatchObject({ redis: "disabled" });
  const fails = () => {
    throw new Error("away");
  };
  expect(await check({ database: fails, counter: fails })).toEqual({
    redis: "ok",
    d1: "unavailable",
    counter: "unavailable",
  });
});

it("waits for no part that hangs", async () => {
  const everything = { mirror: { ping: hangs }, database: hangs, counter: hangs };
  expect(await check(everything)).toEqual({ redis: "unavailable", d1: "unavailable", counter: "unavailable" });
});
