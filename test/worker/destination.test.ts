/** The object of a destination in the real runtime: what it keeps, and what it tells the queue. */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { fromStore } from "../../src/domain/ids.ts";
import { d1Destinations } from "../../src/store/d1-destinations.ts";
import { destinationOf } from "../../src/store/durable-destinations.ts";
import { callDestination } from "../../src/wiring/breakers.ts";

const destination = (name: string) => destinationOf(env.DESTINATION, fromStore(`webhook/${name}.example.com`));
const failed = { kind: "failed", reason: "HTTP_503", retryAfterSeconds: null, answer: null } as const;

describe("Destination", () => {
  it("stays isolated when its object has ended", async () => {
    await destination("a").isolate("admin", "their deploy");
    await evictDurableObject(env.DESTINATION.getByName("webhook/a.example.com"));
    expect(await destination("a").admit()).toEqual({ kind: "isolated", reason: "their deploy" });
    expect(await destination("a").release()).toMatchObject({ state: "half_open" });
    expect(await destination("a").admit()).toMatchObject({ kind: "go" });
  });

  it("is shared: what three invocations found out, the fourth need not", async () => {
    const waits: Promise<unknown>[] = [];
    const ctx = { waitUntil: (work: Promise<unknown>) => void waits.push(work) };
    const name = fromStore<never>("webhook/b.example.com");
    let calls = 0;
    const call = async () => {
      calls += 1;
      return failed;
    };
    const outcomes = [];
    for (let i = 0; i < 4; i += 1) outcomes.push((await callDestination(env, ctx, name, call)).kind);
    expect([outcomes, calls]).toEqual([["failed", "failed", "failed", "wait"], 3]);
    await Promise.all(waits);
    expect(await d1Destinations(env.DB).list()).toContain(name);
  });
});
