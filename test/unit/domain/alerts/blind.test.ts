import { expect, it } from "vitest";
import { afterFailure, afterSuccess } from "../../../../src/domain/alerts/blind.ts";

it("that nothing can be evaluated is told once, after two failures, and again when it is over", () => {
  const one = afterFailure(null, 1_000);
  expect(one.fired).toBeNull();
  expect(afterSuccess(one.blindness, 1_500)).toEqual([]);
  const two = afterFailure(one.blindness, 2_000);
  expect(two.fired).toMatchObject({ id: "not_evaluated//1000/critical", change: "fired", sinceMs: 1_000, atMs: 2_000 });
  const three = afterFailure(two.blindness, 3_000);
  expect(three.fired).toBeNull();
  const over = afterSuccess(three.blindness, 4_000);
  expect(over.map(({ id, atMs }) => [id, atMs])).toEqual([
    ["not_evaluated//1000/critical", 1_000],
    ["not_evaluated//1000/recovered", 4_000],
  ]);
  expect(afterSuccess(null, 4_000)).toEqual([]);
});
