import { describe, expect, it } from "vitest";
import { fromStore, type LocationId } from "../../../../src/domain/ids.ts";
import { commit, extend, hold, release, sale } from "../../../support/counter/asked.ts";
import { BookingCounter } from "../../../support/counter/booking-counter.ts";

const [A, B] = [fromStore<LocationId>("1"), fromStore<LocationId>("2")];
const both = (a: number, b: number) => ({
  lines: [
    { locationId: A, quantity: a },
    { locationId: B, quantity: b },
  ],
  fingerprint: `${a}+${b}`,
});

describe("a hold", () => {
  it("moves units from available to reserved, and on hand stands still", () => {
    const counter = new BookingCounter({ 1: 5 });
    expect(counter.ask(hold("r", 2)).kind).toBe("held");
    expect(counter.at("1")).toMatchObject({ available: 3, reserved: 2, onHand: 5 });
  });

  it("sums its lines before the check: two lines of one item never find the same unit", () => {
    const counter = new BookingCounter({ 1: 5 });
    const lines = [3, 3].map((quantity) => ({ locationId: A, quantity }));
    expect(counter.ask(hold("r", 6, { lines }))).toMatchObject({
      kind: "hold_refused",
      short: [{ locationId: A, quantity: 6, bearable: 5 }],
    });
    expect(counter.at("1")).toMatchObject({ available: 5, reserved: 0 });
  });

  it("is taken at all its places or at none, and every short line is named with what is left", () => {
    const counter = new BookingCounter({ 1: 5, 2: 1 });
    expect(counter.ask(hold("r", 0, both(2, 3)))).toMatchObject({
      kind: "hold_refused",
      short: [{ locationId: B, quantity: 3, bearable: 1 }],
    });
    expect(counter.state.holds.size).toBe(0);
  });

  it("counts lines that may fall anywhere against what the named ones left", () => {
    const counter = new BookingCounter({ 1: 3 });
    const lines = [
      { locationId: null, quantity: 2 },
      { locationId: A, quantity: 2 },
    ];
    expect(counter.ask(hold("r", 4, { lines })).kind).toBe("hold_refused");
    expect(counter.ask(hold("q", 3, { lines: [{ locationId: null, quantity: 1 }, ...lines.slice(1)] })).kind).toBe(
      "held",
    );
  });

  it("asked again under its key answers how it stands, and with other content is an error", () => {
    const counter = new BookingCounter({ 1: 5 });
    counter.ask(hold("r", 2));
    expect(counter.ask(hold("r", 2))).toMatchObject({ kind: "held_already", state: "held", holds: [{ quantity: 2 }] });
    expect(counter.ask(hold("r", 3)).kind).toBe("hold_key_reused");
    counter.ask(release("r"));
    expect(counter.ask(hold("r", 2))).toEqual({ kind: "held_already", state: "released", holds: [] });
    expect(counter.at("1").available).toBe(5);
  });

  it("is committed in part, and the rest is released: once, whatever is repeated", () => {
    const counter = new BookingCounter({ 1: 5, 2: 5 });
    counter.ask(hold("r", 0, both(2, 3)));
    const part = commit("r", { lines: [{ locationId: B, quantity: 2 }] });
    expect(counter.ask(part)).toMatchObject({ kind: "hold_ended", state: "committed" });
    expect([counter.at("1"), counter.at("2")]).toMatchObject([
      { available: 5, reserved: 0, committed: 0 },
      { available: 3, reserved: 0, committed: 2 },
    ]);
    expect(counter.ask(part)).toEqual({ kind: "hold_ended_already", state: "committed" });
    expect(counter.ask(release("r"))).toEqual({ kind: "hold_ended_already", state: "committed" });
    expect(counter.total.available).toBe(8);
  });

  it("refuses a commit of more than is held, and stays as it was", () => {
    const counter = new BookingCounter({ 1: 5 });
    counter.ask(hold("r", 2));
    expect(counter.ask(commit("r", { lines: [{ locationId: null, quantity: 3 }] }))).toEqual({
      kind: "exceeds_hold",
      held: 2,
    });
    expect(counter.at("1").reserved).toBe(2);
  });

  it("ends at its exact time: a batch in the same millisecond finds its units free", () => {
    const counter = new BookingCounter({ 1: 2 });
    counter.ask(hold("r", 2, { expiresAtMs: counter.nowMs + 1_000 }));
    counter.nowMs += 999;
    expect(counter.ask(sale("a", 1)).kind).toBe("insufficient");
    counter.nowMs += 1;
    expect(counter.ask(sale("b", 2)).kind).toBe("applied");
    expect(counter.movements.slice(-2).map(({ kind }) => kind)).toEqual(["expiry", "sale"]);
    expect(counter.ask(release("r"))).toEqual({ kind: "hold_ended_already", state: "expired" });
  });

  it("lives on when it is extended in time, and not after", () => {
    const counter = new BookingCounter({ 1: 2 });
    const endMs = counter.nowMs + 1_000;
    counter.ask(hold("r", 2, { expiresAtMs: endMs }));
    expect(counter.ask(extend("r", endMs + 5_000)).kind).toBe("hold_extended");
    counter.wait(3_000);
    expect(counter.at("1").reserved).toBe(2);
    counter.wait(3_000);
    expect(counter.at("1").reserved).toBe(0);
    expect(counter.ask(extend("r", counter.nowMs + 1_000))).toEqual({ kind: "hold_ended_already", state: "expired" });
  });

  it("carries out a commit that was decided in time and told too late, as a sale that has happened", () => {
    const counter = new BookingCounter({ 1: 2 });
    const decidedAtMs = counter.nowMs + 900;
    counter.ask(hold("r", 2, { expiresAtMs: counter.nowMs + 1_000 }));
    counter.wait(2_000);
    counter.ask(sale("other", 1));
    const told = counter.batch([commit("r", { decidedAtMs })]);
    expect(told.outcomes).toMatchObject([{ kind: "hold_ended", state: "committed" }]);
    expect(counter.at("1")).toMatchObject({ available: -1, committed: 3 });
    expect(told.oversell).toMatchObject({ units: 1, peak: 1 });
    expect(counter.ask(commit("r", { decidedAtMs }))).toEqual({ kind: "hold_ended_already", state: "committed" });
  });

  it("does not let a commit decided after its end in", () => {
    const counter = new BookingCounter({ 1: 2 });
    const endMs = counter.nowMs + 1_000;
    counter.ask(hold("r", 2, { expiresAtMs: endMs }));
    counter.wait(2_000);
    expect(counter.ask(commit("r", { decidedAtMs: endMs }))).toEqual({ kind: "hold_ended_already", state: "expired" });
  });

  it("is refused to a client that holds too many, or too much of what could be sold; others are not touched", () => {
    const counter = new BookingCounter({ 1: 10 }, { holdsPerClientMax: 2, heldShareMax: 50 });
    expect(counter.ask(hold("a", 4)).kind).toBe("held");
    expect(counter.ask(hold("b", 2))).toEqual({ kind: "over_limit", limit: "share", allowed: 5, held: 4 });
    expect(counter.ask(hold("c", 1)).kind).toBe("held");
    expect(counter.ask(hold("d", 1))).toEqual({ kind: "over_limit", limit: "holds", allowed: 2, held: 2 });
    expect(counter.ask(hold("e", 1, { client: "other" })).kind).toBe("held");
  });

  it("that outlived the movement which began it is not taken twice", () => {
    const counter = new BookingCounter({ 1: 5 });
    counter.ask(hold("r", 2));
    counter.forgetHistory();
    expect(counter.ask(hold("r", 2))).toMatchObject({ kind: "held_already", state: "held" });
    expect(counter.at("1").reserved).toBe(2);
  });

  it("of a reservation nobody knows cannot be ended", () => {
    const counter = new BookingCounter({ 1: 1 });
    expect([commit("x"), release("x"), extend("x", counter.nowMs + 1)].map((event) => counter.ask(event).kind)).toEqual(
      ["unknown_hold", "unknown_hold", "unknown_hold"],
    );
  });
});
