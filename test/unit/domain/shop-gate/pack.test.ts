import { expect, it } from "vitest";
import { packCall, type WaitingPush } from "../../../../src/domain/shop-gate/pack.ts";
import { push, row } from "../../../support/shop-gate/builders.ts";

const waiting = (name: string, rows = [row(-1, name)], isAlone = false): WaitingPush => ({
  ...push(name, rows),
  tries: 1,
  isAlone,
});
const many = (item: string, count: number) => Array.from({ length: count }, (_, index) => row(1, item, String(index)));
const names = (pushes: readonly WaitingPush[]): readonly string[] => pushes.map(({ pushKey }) => pushKey);

it("takes whole pushes, oldest first", () => {
  expect(names(packCall([waiting("1"), waiting("2"), waiting("3")], 250))).toEqual(["push-1", "push-2", "push-3"]);
});

it("never splits a push, and lets a smaller, younger one use the room it leaves", () => {
  const packed = packCall(
    [waiting("1", many("1", 200)), waiting("2", many("2", 60)), waiting("3", many("3", 50))],
    250,
  );
  expect(names(packed)).toEqual(["push-1", "push-3"]);
});

it("never mixes adjusts and moves: the first that waits decides, and the others keep their places", () => {
  const move = (name: string): WaitingPush => ({ ...waiting(name), kind: "move" });
  expect(names(packCall([move("1"), waiting("2"), move("3"), waiting("4")], 250))).toEqual(["push-1", "push-3"]);
  expect(names(packCall([waiting("2"), move("3"), waiting("4")], 250))).toEqual(["push-2", "push-4"]);
});

it("fills a call to exactly 250 rows", () => {
  const packed = packCall([waiting("1", many("1", 200)), waiting("2", many("2", 50)), waiting("3")], 250);
  expect(names(packed)).toEqual(["push-1", "push-2"]);
});

it("sends a push that is larger than the limit by itself", () => {
  expect(names(packCall([waiting("1", many("1", 40)), waiting("2")], 25))).toEqual(["push-1"]);
});

it("never puts one level twice into a call", () => {
  const packed = packCall(
    [waiting("1", [row(1, "7", "1")]), waiting("2", [row(2, "7", "1")]), waiting("3", [row(3, "7", "2")])],
    250,
  );
  expect(names(packed)).toEqual(["push-1", "push-3"]);
});

it("leaves a push that must go alone out of every other call, and sends it when its turn comes", () => {
  const alone = waiting("1", [row(1, "1")], true);
  expect(names(packCall([waiting("2"), alone, waiting("3")], 250))).toEqual(["push-2", "push-3"]);
  expect(names(packCall([alone, waiting("2")], 250))).toEqual(["push-1"]);
});

it("packs nothing when nothing waits", () => {
  expect(packCall([], 250)).toEqual([]);
});
