import { describe, expect, it } from "vitest";
import { isKnownAlready } from "../../../src/api/if-none-match.ts";

describe("If-None-Match", () => {
  it.each([
    ['"7"', '"7"', true],
    ['W/"7"', '"7"', true],
    ['"6", W/"7"', 'W/"7"', true],
    ["*", '"7"', true],
    ['"8"', '"7"', false],
    [undefined, '"7"', false],
  ])("%s of %s: %s", (header, etag, is) => {
    expect(isKnownAlready(header, etag)).toBe(is);
  });

  // One document in a hundred had such a tag, and was sent whole to whoever had it.
  it("knows a tag that has the mark of a weak one inside", () => {
    expect(isKnownAlready('"aW/b+c"', '"aW/b+c"')).toBe(true);
    expect(isKnownAlready('"ab+c"', '"aW/b+c"')).toBe(false);
  });
});
