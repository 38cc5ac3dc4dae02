import { describe, expect, it } from "vitest";
import { parseCounts } from "../../../../src/domain/csv/parse-counts.ts";

const NOW_MS = Date.parse("2027-01-01T12:00:00Z");
const parse = (text: string, rowsMax = 10) => parseCounts(text, { rowsMax, quantityMax: 1_000, nowMs: NOW_MS });
const errorsOf = (rows: string) => {
  const parsed = parse(`sku,locationId,counted,of,countedAt\n${rows}`);
  return parsed.ok ? parsed.value.errors : parsed.error;
};

describe("a file of counts", () => {
  it("has its columns in any order, and two of them may be left out", () => {
    expect(parse("counted,locationId,sku\n5,11,CUP")).toEqual({
      ok: true,
      value: {
        rows: [{ line: 2, sku: "CUP", locationId: "11", counted: 5, of: "available", countedAtMs: null }],
        errors: [],
      },
    });
    expect(parse("sku,locationId,counted,of,countedAt\nCUP,11,0,on_hand,2027-01-01T12:30:00+01:00")).toMatchObject({
      value: { rows: [{ counted: 0, of: "on_hand", countedAtMs: NOW_MS - 30 * 60_000 }] },
    });
  });

  it("takes back a SKU that the export guarded", () => {
    expect(parse("sku,locationId,counted\n'=A1,11,5")).toMatchObject({ value: { rows: [{ sku: "=A1" }] } });
  });

  it.each([
    ["", "the file is empty"],
    ["sku,counted\n", '"locationId" is missing'],
    ["sku,locationId,counted,color\n", '"color" is no column of: sku, locationId, counted, of, countedAt'],
    ["sku,sku,locationId,counted\n", '"sku" stands there twice'],
  ])("is refused as a whole for its header: %j", (text, message) => {
    expect(parse(text)).toEqual({ ok: false, error: { line: 1, field: "header", message } });
  });

  it("is refused as a whole when it has too many rows, or is no CSV", () => {
    expect(parse("sku,locationId,counted\nA,1,1\nB,1,1\nC,1,1", 2)).toMatchObject({
      error: { line: 4, message: "more than 2 rows" },
    });
    expect(parse('sku,locationId,counted\n"A,1,1')).toMatchObject({ error: { line: 2, field: "row" } });
  });

  it.each([
    ["CUP,11,x,,", "counted"],
    ["CUP,11,1.5,,", "counted"],
    ["CUP,11,1e2,,", "counted"],
    ["CUP,11,,,", "counted"],
    ["CUP,11,1001,,", "counted"],
    ["CUP,11,-1,on_hand,", "counted"],
    ["CUP,11,1,committed,", "of"],
    ["CUP,here,1,,", "locationId"],
    [",11,1,,", "sku"],
    ["CUP,11,1,,yesterday", "countedAt"],
    ["CUP,11,1,,2027-01-01T12:00:01Z", "countedAt"],
    ["CUP,11,1", "row"],
  ])("names line and column of what is wrong: %s", (row, field) => {
    expect(errorsOf(row)).toMatchObject([{ line: 2, field, message: expect.any(String) }]);
  });

  it("names every fault of a row, and a place that is counted twice", () => {
    expect(errorsOf(",here,x,,\nCUP,11,1,,\nLID,11,1,,\nCUP,11,2,,")).toMatchObject([
      { line: 2, field: "sku" },
      { line: 2, field: "locationId" },
      { line: 2, field: "counted" },
      { line: 5, field: "sku", message: "is counted at this location in line 3 already" },
    ]);
  });
});
