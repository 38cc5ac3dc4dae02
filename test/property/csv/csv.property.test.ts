import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutCsv } from "../../../src/domain/csv/cut-csv.ts";
import { parseCsv } from "../../../src/domain/csv/parse-csv.ts";
import { csvLine, guardText, unguardText } from "../../../src/domain/csv/write-csv.ts";

const tricky = fc.constantFrom(...['"', ",", "\r\n", "\n", "=", "+", "-", "@", "'", "\t", " ", "a", "é", "", "\ufeff"]);
const field = fc.oneof(
  fc.array(tricky, { maxLength: 8 }).map((parts) => parts.join("")),
  fc.string({ maxLength: 12 }),
);
// A row of one empty field is a blank line, which says nothing.
const row = fc.array(field, { minLength: 2, maxLength: 5 });

describe("CSV", () => {
  it("reads back whatever it wrote, formulas and quoted line ends included", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
        const parsed = parseCsv(rows.map((fields) => csvLine(fields)).join(""));
        const read = parsed.ok ? parsed.value.map(({ fields }) => fields.map(unguardText)) : parsed.error;
        expect(read).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  });

  it("never writes a text that a spreadsheet would run", () => {
    fc.assert(
      fc.property(field, (text) => {
        expect(guardText(text)).not.toMatch(/^[=+\-@\t\r]/);
        expect(unguardText(guardText(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("reads any text or says where it is wrong, and its records cover the text", () => {
    const soup = fc.array(tricky, { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(soup, (text) => {
        const parsed = parseCsv(text);
        if (!parsed.ok) {
          expect(parsed.error.line).toBeLessThanOrEqual(text.split("\n").length);
          return;
        }
        for (const { line, start } of parsed.value) expect(line).toBe(text.slice(0, start).split("\n").length);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is cut at the same places each time, every row once and in order, with lines that lead back", () => {
    const quotedRows = fc.array(row, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        quotedRows,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 10, max: 80 }),
        (rows, rowsMax, charsMax) => {
          const text = csvLine(["a,\nb", "c"]) + rows.map((fields) => csvLine(fields)).join("");
          const whole = parseCsv(text);
          if (!whole.ok) throw new Error(whole.error.message);
          const parts = cutCsv(text, whole.value, { rowsMax, charsMax });
          const back = parts.flatMap((part) => {
            const parsed = parseCsv(part.text);
            if (!parsed.ok) throw new Error(parsed.error.message);
            expect(parsed.value.length - 1).toBe(part.rows);
            expect(part.rows).toBeLessThanOrEqual(rowsMax);
            if (part.rows > 1) expect(part.text.length).toBeLessThanOrEqual(charsMax);
            return parsed.value.slice(1).map(({ line, fields }) => ({ line: line + part.lineOffset, fields }));
          });
          expect(back).toEqual(whole.value.slice(1).map(({ line, fields }) => ({ line, fields })));
          expect(cutCsv(text, whole.value, { rowsMax, charsMax })).toEqual(parts);
        },
      ),
      { numRuns: 300 },
    );
  });
});
