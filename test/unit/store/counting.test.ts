import { expect, it } from "vitest";
import { fromStore, type Sku } from "../../../src/domain/ids.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import type { DeadLetter, DeadLetterStore } from "../../../src/services/dead-letters.ts";
import type { Mirror, MirrorRead } from "../../../src/services/mirror.ts";
import { countingDeadLetters } from "../../../src/store/counting-dead-letters.ts";
import { countingMirror } from "../../../src/store/counting-mirror.ts";
import { noMirror } from "../../../src/store/redis-mirror.ts";

const storeThat = (put: DeadLetterStore["put"]) => ({ put });
const skus = (...names: readonly string[]): readonly Sku[] => names.map((name) => fromStore<Sku>(name));

it("counts of a read each SKU once, as known to the mirror or not", async () => {
  const tally = newTally();
  const hits = new Map(skus("A").map((sku) => [sku, {} as never]));
  const mirror: Mirror = { ...noMirror(), read: async () => ({ kind: "read", hits }) };
  expect(await countingMirror(mirror, tally).read(skus("A", "B", "C", "A"))).toEqual({ kind: "read", hits });
  expect(tally.take(10).counters.map(({ labels, by }) => [labels["outcome"], by])).toEqual([
    ["hit", 1],
    ["miss", 2],
  ]);
});

it("counts what could not be asked for, and nothing where there is no mirror", async () => {
  const tally = newTally();
  const read = (answer: MirrorRead) =>
    countingMirror({ ...noMirror(), read: async () => answer }, tally).read(skus("A", "B"));
  await read({ kind: "disabled" });
  await read({ kind: "unavailable", reason: "timeout" });
  expect(tally.take(10).counters.map(({ labels, by }) => [labels["outcome"], by])).toEqual([["unavailable", 2]]);
});

it("counts a death by queue and newest error, once it is stored", async () => {
  const tally = newTally();
  const letter = (origin: string, code: string) =>
    ({ origin, errors: [{ code }, { code: "older" }] }) as unknown as DeadLetter;
  const store = countingDeadLetters(
    storeThat(async () => {}),
    tally,
  );
  await store.put([letter("queue/onhand-events", "unknown_variant"), letter("ingress/shopify", "wrong_shape")], 1);
  const away = countingDeadLetters(
    storeThat(() => Promise.reject(new Error("D1 is away"))),
    tally,
  );
  await expect(away.put([letter("queue/onhand-events", "x")], 1)).rejects.toThrow("away");
  expect(tally.take(10).counters.map(({ labels }) => labels)).toEqual([
    { queue: "onhand-events", code: "unknown_variant" },
    { queue: "ingress/shopify", code: "wrong_shape" },
  ]);
});
