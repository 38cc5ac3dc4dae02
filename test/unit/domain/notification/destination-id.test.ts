import { describe, expect, it } from "vitest";
import { DESTINATION_ID, destinationId } from "../../../../src/domain/notification/destination-id.ts";

describe("a destination's id that is made here", () => {
  it.each([
    ["Operations", "operations-3f2a91c0"],
    ["#stock – Köln & Łódź!", "stock-koln-odz-3f2a91c0"],
    ["--- ", "dst-3f2a91c0"],
    ["仓库", "dst-3f2a91c0"],
    [`${"a".repeat(39)} b`, `${"a".repeat(39)}-3f2a91c0`],
    ["x".repeat(100), `${"x".repeat(40)}-3f2a91c0`],
  ])("can be read, and is one that a path takes: %s", (name, id) => {
    expect(destinationId(name, "3f2a91c0")).toBe(id);
    expect(id).toMatch(DESTINATION_ID);
  });
});
