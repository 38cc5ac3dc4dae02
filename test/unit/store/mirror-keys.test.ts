import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromStore, parseSku, type Sku } from "../../../src/domain/ids.ts";
import { levelsKey, versionKey } from "../../../src/store/mirror-keys.ts";

const sku = (text: string): Sku => fromStore<Sku>(text);

/** Redis's rule: what is between the first "{" and the next "}", unless that is nothing. */
function hashTag(key: string): string {
  const open = key.indexOf("{");
  const close = key.indexOf("}", open + 1);
  return open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key;
}

/** As the key arrives at Redis: UTF-8, where a lone surrogate becomes U+FFFD. */
const onTheWire = (key: string): string => Buffer.from(key, "utf8").toString("latin1");

const anySku = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom("{", "}", "%", ":", ";", "7", "b", "d", "\ud83e", "\udd2e", "é", " "),
      maxLength: 8,
    }),
  )
  .filter((text) => parseSku(text).ok)
  .map((text) => sku(text.trim()));

describe("the keys of a SKU", () => {
  it("are readable for an ordinary SKU", () => {
    expect(levelsKey(sku("TSHIRT-RED:M/2 é"))).toBe("onhand:{TSHIRT-RED:M/2 é}:levels");
    expect(versionKey(sku("TSHIRT-RED:M/2 é"))).toBe("onhand:{TSHIRT-RED:M/2 é}:version");
  });

  it("escape what would end the hash tag early, and lone surrogates", () => {
    expect(levelsKey(sku("}"))).toBe("onhand:{%7d;}:levels");
    expect(levelsKey(sku("a{b}c%"))).toBe("onhand:{a%7b;b%7d;c%25;}:levels");
    expect(levelsKey(sku("x\ud83e"))).toBe("onhand:{x%d83e;}:levels");
    expect(levelsKey(sku("x🤮"))).toBe("onhand:{x🤮}:levels");
  });

  it("lie in one slot: both carry the same tag, which is not empty", () => {
    fc.assert(
      fc.property(anySku, (one) => {
        expect(hashTag(levelsKey(one))).toBe(hashTag(versionKey(one)));
        expect(hashTag(levelsKey(one))).not.toContain("levels");
      }),
    );
  });

  it("belong to one SKU alone, also as bytes", () => {
    fc.assert(
      fc.property(anySku, anySku, (one, other) => {
        fc.pre(one !== other);
        const keys = [one, other].flatMap((each) => [levelsKey(each), versionKey(each)]).map(onTheWire);
        expect(new Set(keys).size).toBe(4);
      }),
      { numRuns: 1_000 },
    );
  });
});
