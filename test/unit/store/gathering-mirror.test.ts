import { describe, expect, it } from "vitest";
import { fromStore, type Sku } from "../../../src/domain/ids.ts";
import { gatheringMirror } from "../../../src/store/gathering-mirror.ts";
import { noMirror } from "../../../src/store/redis-mirror.ts";

const [A, B, C] = ["A", "B", "C"].map((text) => fromStore<Sku>(text)) as [Sku, Sku, Sku];

/** Requests to Redis end when the test says so. */
function world(policy = { serveMsMax: 50, skusMax: 100 }) {
  const requests: { readonly skus: readonly Sku[]; readonly end: () => void }[] = [];
  const state = { nowMs: 1_000 };
  const inner = {
    ...noMirror(),
    invalidate: (skus: readonly Sku[]) => new Promise<void>((end) => requests.push({ skus, end })),
  };
  const mirror = gatheringMirror(inner, policy, { nowMs: () => state.nowMs, wait: async () => {} });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { requests, state, mirror, settle };
}

describe("gatheringMirror", () => {
  it("forgets at once what comes alone", async () => {
    const { requests, mirror, settle } = world();
    const done = mirror.invalidate([A]);
    await settle();
    expect(requests.map(({ skus }) => skus)).toEqual([[A]]);
    requests[0]?.end();
    await done;
  });

  it("sends together, and each once, what came while a request was under way", async () => {
    const { requests, mirror, settle } = world();
    const first = mirror.invalidate([A]);
    await settle();
    await Promise.all([mirror.invalidate([B]), mirror.invalidate([C, B])]); // these invocations wait for nothing
    requests[0]?.end();
    await settle();
    expect(requests.map(({ skus }) => skus)).toEqual([[A], [B, C]]);
    requests[1]?.end();
    await first;
  });

  it("keeps no invocation for others beyond its time; the next one takes what is left", async () => {
    const { requests, state, mirror, settle } = world();
    const first = mirror.invalidate([A]);
    await settle();
    await mirror.invalidate([B]);
    state.nowMs += 60;
    requests[0]?.end();
    await first;
    expect(requests).toHaveLength(1);
    const next = mirror.invalidate([C]);
    await settle();
    expect(requests[1]?.skus).toEqual([B, C]);
    requests[1]?.end();
    await next;
  });

  it("goes on after an invocation that was cut off in the middle of its request", async () => {
    const { requests, state, mirror, settle } = world();
    void mirror.invalidate([A]); // its request never ends, and nothing after it runs
    await settle();
    await mirror.invalidate([B]);
    expect(requests).toHaveLength(1);
    state.nowMs += 60;
    void mirror.invalidate([C]);
    await settle();
    expect(requests[1]?.skus).toEqual([B, C]);
  });

  it("lets no more wait than it is told", async () => {
    const { requests, mirror, settle } = world({ serveMsMax: 50, skusMax: 1 });
    void mirror.invalidate([A]);
    await settle();
    await mirror.invalidate([B, C]);
    requests[0]?.end();
    await settle();
    expect(requests[1]?.skus).toEqual([B]);
  });
});
