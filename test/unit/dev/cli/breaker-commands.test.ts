/** What the breakers' commands ask of the API, and say of its answers. */
import { expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const say = (words: string, flags: Record<string, unknown>, answer: unknown) =>
  sayCommand(words.split(" "), flags, () => answer);
const breaker = {
  ...{ destination: "webhook/hooks.example.com", state: "closed", since: null, reason: null, by: null },
  ...{ calls: 25, failures: 3, nextProbe: null },
};

it("breakers shows where calls go, and which do not answer", async () => {
  const isolated = { ...breaker, state: "isolated", reason: "their deploy", by: "admin" };
  const silent = { destination: "shopify/a.myshopify.com", error: "Error: overloaded" };
  const { calls, text } = await say("breakers", {}, { breakers: [breaker, isolated, silent] });
  expect(calls).toEqual([["GET", "/v1/breakers"]]);
  expect(text).toContain("3 of 25 failed");
  expect(text).toContain("released by hand (admin)");
  expect(text).toContain("does not answer");
});

it("breakers isolate and release name one destination", async () => {
  const { calls } = await say("breakers isolate webhook/hooks.example.com", { reason: "their deploy" }, breaker);
  expect(calls).toEqual([["POST", "/v1/breakers/webhook/hooks.example.com/isolate", { reason: "their deploy" }]]);
  const released = await say("breakers release shopify/a.myshopify.com", {}, { ...breaker, state: "half_open" });
  expect(released.calls).toEqual([["POST", "/v1/breakers/shopify/a.myshopify.com/release"]]);
  expect(released.text).toBe("shopify/a.myshopify.com is half-open.");
});

it.each(["breakers isolate", "breakers isolate webhook/a", "breakers release"])(
  "%s alone is asked nobody",
  async (words) => {
    await expect(say(words, {}, breaker)).rejects.toThrow("Say which");
  },
);
