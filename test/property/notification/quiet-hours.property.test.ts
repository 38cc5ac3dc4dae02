import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quietUntil } from "../../../src/domain/notification/quiet-hours.ts";

const time = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map(([h, m]) => `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`);
const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
/** Two years, with four changes of clocks in every zone that has them. */
const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) });

describe("quiet hours", () => {
  it("end at a moment that is not quiet, within a day and an hour, and not before they must", () => {
    fc.assert(
      fc.property(time, time, zone, moment, (from, to, timeZone, atMs) => {
        const endMs = quietUntil({ from, to, timeZone }, atMs);
        if (endMs === null) return;
        expect(endMs).toBeGreaterThan(atMs);
        expect(endMs - atMs).toBeLessThanOrEqual(25 * 3_600_000);
        expect(quietUntil({ from, to, timeZone }, endMs)).toBeNull();
        expect(quietUntil({ from, to, timeZone }, endMs - 1)).toBe(endMs);
      }),
      { numRuns: 60 },
    );
  });

  it("are those of the clock on the wall, also in the night in which it is set back", () => {
    const berlin = { from: "22:00", to: "07:00", timeZone: "Europe/Berlin" };
    // 25 October 2026: at 03:00 clocks go back to 02:00.
    expect(quietUntil(berlin, Date.UTC(2026, 9, 24, 21, 30))).toBe(Date.UTC(2026, 9, 25, 6, 0));
    expect(quietUntil(berlin, Date.UTC(2026, 6, 24, 21, 30))).toBe(Date.UTC(2026, 6, 25, 5, 0));
    expect(quietUntil(berlin, Date.UTC(2026, 6, 24, 12, 0))).toBeNull();
    expect(quietUntil({ from: "09:00", to: "17:00", timeZone: "UTC" }, Date.UTC(2026, 6, 24, 12, 0))).toBe(
      Date.UTC(2026, 6, 24, 17, 0),
    );
    expect(quietUntil({ from: "09:00", to: "09:00", timeZone: "UTC" }, Date.UTC(2026, 6, 24, 9, 0))).toBeNull();
  });
});
