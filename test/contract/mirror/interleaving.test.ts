import fc from "fast-check";
import { expect, it } from "vitest";
import { versionKey } from "../../../src/store/mirror-keys.ts";
import { createMirror } from "../../../src/store/redis-mirror.ts";
import { describeOnEachEngine } from "../upstash-gateway/each-engine.ts";
import { levelsView, skuOf } from "./levels-view-builder.ts";

const SKU = skuOf("A{B}:C");

/** What several isolates do at the same moment. */
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("write" as const), version: fc.integer({ min: 0, max: 50 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("invalidate" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget_script" as const) }) },
);
const moment = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 6 }),
  /** The connection of one request breaks after Redis has applied it, and the client tries again. */
  breaks: fc.boolean(),
});

describeOnEachEngine("the mirror, written from many sides at once", (gateway) => {
  it("holds the highest version ever written, or nothing, after any interleaving", async () => {
    const { url, token } = gateway();
    const options = {
      url,
      token,
      random: Math.random,
      ttlSecondsMin: 30,
      ttlSecondsMax: 60,
      versionTtlSeconds: 86_400,
    };
    const ample = { readTimeoutMs: 5_000, writeTimeoutMs: 5_000, invalidateTimeoutMs: 5_000 };
    const mirror = createMirror({ ...options, ...ample });
    const history = fc.array(moment, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(history, async (moments) => {
        await gateway().command("FLUSHALL");
        let highest = -1;
        for (const { actions, breaks } of moments) {
          if (breaks) gateway().faults.set({ failure: { kind: "refuse", applied: true }, times: 1 });
          const during = actions.map((one) => {
            if (one.kind === "write") highest = Math.max(highest, one.version);
            if (one.kind === "write") return mirror.write([levelsView({ sku: SKU, version: one.version })]);
            return one.kind === "invalidate" ? mirror.invalidate([SKU]) : gateway().command("SCRIPT", "FLUSH");
          });
          await Promise.all(during);
          gateway().faults.clear();
          const read = await mirror.read([SKU]);
          const hits = read.kind === "read" ? [...read.hits.values()].map(({ version }) => version) : ["unavailable"];
          expect([[], [highest]]).toContainEqual(hits);
          expect(await gateway().command("GET", versionKey(SKU))).toBe(highest < 0 ? null : String(highest));
        }
        // A refill with what is newest always gets in, one with anything older never does.
        const newest = levelsView({ sku: SKU, version: Math.max(highest, 0) });
        expect(await mirror.write([newest])).toEqual({ kind: "written", written: 1, stale: 0 });
        expect((await mirror.write([{ ...newest, version: newest.version - 1 }])).kind).toBe("written");
        expect(await mirror.read([SKU])).toEqual({ kind: "read", hits: new Map([[SKU, newest]]) });
      }),
      { numRuns: 25 },
    );
  });
});
