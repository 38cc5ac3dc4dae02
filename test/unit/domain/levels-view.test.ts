import { describe, expect, it } from "vitest";
import { parseLevelsView } from "../../../src/domain/levels-view.ts";
import { levelsView } from "../../contract/mirror/levels-view-builder.ts";

const VIEW = levelsView({ sku: "TSHIRT-RED-M", version: 12 });
const stored = (): Record<string, unknown> => JSON.parse(JSON.stringify(VIEW));

describe("parseLevelsView", () => {
  it("reads back what was written", () => {
    expect(parseLevelsView(stored())).toEqual({ ok: true, value: VIEW });
    expect(parseLevelsView({ ...stored(), version: 0, locations: [] })).toEqual({
      ok: true,
      value: { ...VIEW, version: 0, locations: [] },
    });
  });

  it("takes over the known fields alone", () => {
    const [location] = VIEW.locations;
    const given = { ...stored(), extra: 1, locations: [{ ...location, name: "Main warehouse" }] };
    expect(parseLevelsView(given)).toEqual({ ok: true, value: { ...VIEW, locations: [location] } });
  });

  it("names the first field that is not as it should be", () => {
    const [location] = VIEW.locations;
    const cases: [unknown, string][] = [
      [null, "(root)"],
      [[], "(root)"],
      ["text", "(root)"],
      [{ ...stored(), sku: "" }, "sku"],
      [{ ...stored(), skuId: 7 }, "skuId"],
      [{ ...stored(), version: "12" }, "version"],
      [{ ...stored(), version: -1 }, "version"],
      [{ ...stored(), version: 1.5 }, "version"],
      [{ ...stored(), asOf: "2026-11-22T15:00:00Z" }, "asOf"],
      [{ ...stored(), asOf: 1_763_823_600_000 }, "asOf"],
      [{ ...stored(), locations: {} }, "locations"],
      [{ ...stored(), available: null }, "available"],
      [{ ...stored(), floor: "0" }, "floor"],
      [{ ...stored(), reserved: Number.NaN }, "reserved"],
      [{ ...stored(), committed: 2 ** 53 }, "committed"],
      [{ ...stored(), onHand: undefined }, "onHand"],
      [{ ...stored(), locations: [null] }, "locations.0.(root)"],
      [{ ...stored(), locations: [location, { ...location, locationId: "" }] }, "locations.1.locationId"],
      [{ ...stored(), locations: [{ ...location, ledger: 0.1 }] }, "locations.0.ledger"],
      [{ ...stored(), locations: [{ ...location, doubt: true }] }, "locations.0.doubt"],
      [{ ...stored(), locations: [{ ...location, anticipated: null }] }, "locations.0.anticipated"],
      [{ ...stored(), locations: [{ ...location, floor: "1" }] }, "locations.0.floor"],
    ];
    for (const [given, field] of cases) {
      expect(parseLevelsView(given)).toEqual({ ok: false, error: { kind: "malformed_levels_view", field } });
    }
  });
});
