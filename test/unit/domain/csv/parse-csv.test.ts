import { describe, expect, it } from "vitest";
import { parseCsv } from "../../../../src/domain/csv/parse-csv.ts";
import { csvLine } from "../../../../src/domain/csv/write-csv.ts";

const rowsOf = (text: string) => {
  const parsed = parseCsv(text);
  return parsed.ok ? parsed.value.map(({ line, fields }) => [line, ...fields]) : parsed.error;
};

describe("a CSV text", () => {
  it("may end its lines with CRLF or LF, leave the last one open, begin with a byte order mark, and hold blank lines", () => {
    expect(rowsOf("\ufeffa,b\r\n\r\n1,2\n3,4")).toEqual([
      [1, "a", "b"],
      [3, "1", "2"],
      [4, "3", "4"],
    ]);
    expect(rowsOf("")).toEqual([]);
  });

  it("quotes what holds a comma, a quote or a line end, and keeps the count of lines", () => {
    expect(rowsOf('"a,""b"""\n"two\nlines",x\nlast,y')).toEqual([
      [1, 'a,"b"'],
      [2, "two\nlines", "x"],
      [4, "last", "y"],
    ]);
  });

  it.each([
    ['a,"b', { line: 1, message: "a quoted field is not closed" }],
    ['a\nx,b"c', { line: 2, message: "a quote stands inside a field that is not quoted" }],
    ['"a"b', { line: 1, message: "a field goes on after its closing quote" }],
    ["a\rb", { line: 1, message: "a line ends with CR alone" }],
  ])("is refused where a spreadsheet would guess: %j", (text, error) => {
    expect(rowsOf(text)).toEqual(error);
  });

  it("is written so that no field is run as a formula, and a negative number stays a number", () => {
    expect(csvLine(["=1+1", "-3", -3, "'x", "plain", null])).toBe("'=1+1,'-3,-3,''x,plain,\r\n");
  });
});
