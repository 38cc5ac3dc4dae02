import { describe, expect, it } from "vitest";
import { MERGE_WINDOWS } from "../../../../src/domain/replica/windows.ts";

describe("the production windows", () => {
  it("stand in the relations that the rules rely on", () => {
    const w = MERGE_WINDOWS;
    const STAMP_MS = 1_000; // Shopify's stamps are whole seconds
    const GATE_GIVES_UP_MS = 25_000;
    expect(w.settleMs).toBeGreaterThan(STAMP_MS + w.tieMs); // else a read falls into the tied second, and is tied again
    expect(w.slackMs).toBeGreaterThan(STAMP_MS + w.tieMs);
    expect(w.graceMs).toBeLessThan(w.verifyMs);
    expect(w.verifyMs).toBeLessThan(w.hintTtlMs); // else an explained hint is forgotten unverified
    expect(w.verifyMs).toBeLessThan(w.spareTtlMs);
    expect(w.failBackoffMs).toBeLessThan(w.failBackoffMsMax);
    expect(w.readTimeoutMs).toBeGreaterThan(GATE_GIVES_UP_MS);
  });
});
