import { describe, expect, it } from "vitest";
import {
  type Lane,
  type LanesDue,
  leadsAfter,
  nextLane,
  noLeads,
  orderOf,
  rowsOfCall,
} from "../../../../src/domain/shop-gate/lane.ts";

/** Who leads each of the next calls, while the same lanes go on waiting. */
function leaders(due: LanesDue, calls: number): string {
  let leads = noLeads;
  const told: Record<Lane, string> = { urgent: "U", hot: "H", rest: "r" };
  return Array.from({ length: calls }, () => {
    const lane = nextLane(due, leads);
    if (lane === null) return "-";
    leads = leadsAfter(leads, lane);
    return told[lane];
  }).join("");
}
const none = { urgent: false, hot: false, rest: false };

describe("who leads a call", () => {
  it("is the one lane in which something waits", () => {
    expect(leaders({ ...none, urgent: true }, 6)).toBe("UUUUUU");
    expect(leaders({ ...none, hot: true }, 6)).toBe("HHHHHH");
    expect(leaders({ ...none, rest: true }, 3)).toBe("rrr");
    expect(leaders(none, 2)).toBe("--");
  });

  it("are urgent pushes first, but each fifth call is the others'", () => {
    expect(leaders({ ...none, urgent: true, rest: true }, 10)).toBe("UUUUrUUUUr");
    expect(leaders({ ...none, urgent: true, hot: true }, 10)).toBe("UUUUHUUUUH");
  });

  it("are hot pushes and the rest in turn", () => {
    expect(leaders({ ...none, hot: true, rest: true }, 6)).toBe("HrHrHr");
  });

  it("starves nobody while all three go on for ever", () => {
    const told = leaders({ urgent: true, hot: true, rest: true }, 60);
    for (const lane of ["U", "H", "r"]) expect(told.split(lane).length - 1).toBeGreaterThanOrEqual(6);
    expect(told.startsWith("UUUU")).toBe(true);
  });
});

it("a call that hot pushes lead is small; any other takes what Shopify takes", () => {
  expect([rowsOfCall("hot", 250), rowsOfCall("rest", 250), rowsOfCall("urgent", 125), rowsOfCall("hot", 7)]).toEqual([
    ...[50, 250, 125, 7],
  ]);
});

it("the room that a lane leaves is the others', urgent ones first", () => {
  expect(orderOf("rest")).toEqual(["rest", "urgent", "hot"]);
  expect(orderOf("urgent")).toEqual(["urgent", "hot", "rest"]);
});
