import { expect, it } from "vitest";
import { chunkReads, readWeight } from "../../../../src/domain/shop-gate/chunk-reads.ts";
import { read } from "../../../support/shop-gate/builders.ts";

const limits = { pointsPerWeight: 1, bucketMaximum: 2_000, readsMax: Number.POSITIVE_INFINITY };
const reads = (count: number, locations: readonly string[]) =>
  Array.from({ length: count }, (_, index) => read(String(index), locations));
const locations = (count: number) => Array.from({ length: count }, (_, index) => String(index));

it("reads all locations of many listings in one query", () => {
  const chunk = chunkReads([read("1", ["1", "2"]), read("2", ["2", "3"])], limits);
  expect(chunk).toMatchObject({ items: ["1", "2"], locations: ["1", "2", "3"], weight: 14, cost: 14 });
});

it("takes as many as a tenth of the bucket pays for, the oldest first", () => {
  const chunk = chunkReads(reads(100, ["1", "2"]), limits);
  expect(chunk?.reads.length).toBe(40); // 40 × (1 + 2 × 2) = 200 points
  expect(chunk?.items[0]).toBe("0");
  expect(chunkReads(reads(100, ["1", "2"]), { ...limits, pointsPerWeight: 2 })?.reads.length).toBe(20);
});

it("never asks for more than 250 items, nor for more points than one query may", () => {
  const rich = { ...limits, pointsPerWeight: 0.1, bucketMaximum: 40_000 };
  expect(chunkReads(reads(400, ["1"]), rich)?.items.length).toBe(250);
  expect(chunkReads(reads(400, ["1"]), { ...rich, pointsPerWeight: 4 })?.cost).toBeLessThanOrEqual(900);
});

it("asks for a listing once, however many reads wait for it", () => {
  const chunk = chunkReads([read("1", ["1"]), { ...read("2", ["2"], "1") }], limits);
  expect(chunk).toMatchObject({ items: ["1"], locations: ["1", "2"] });
  expect(chunk?.reads.length).toBe(2);
});

it("passes over a read whose locations would swell the query, and takes it first next time", () => {
  const wide = read("2", locations(25));
  const chunk = chunkReads([read("1", ["1"]), wide, read("3", ["1"])], { ...limits, bucketMaximum: 20_000 });
  expect(chunk?.items).toEqual(["1", "3"]);
  expect(chunkReads([wide], limits)?.locations.length).toBe(25);
});

it("takes the oldest however dear it is", () => {
  expect(chunkReads([read("1", locations(200))], limits)).toMatchObject({ cost: 401 });
});

it("weighs an item, and per location a level and its quantities", () => {
  expect(readWeight(1, 5)).toBe(11);
  expect(readWeight(3, 0)).toBe(3);
});

it("has nothing to ask when nothing waits", () => {
  expect(chunkReads([], limits)).toBeNull();
});
