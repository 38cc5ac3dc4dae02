import { describe, expect, it } from "vitest";
import { parseExactJson } from "../../../src/ingress/exact-json.ts";

const read = (text: string) => parseExactJson(text);

describe("parseExactJson", () => {
  it("keeps an 18-digit id, where JSON.parse changes its last digits", () => {
    expect(JSON.parse("820982911946154508")).toBe(820982911946154500);
    expect(read('{"id":820982911946154508}')).toEqual({ ok: true, value: { id: "820982911946154508" } });
  });

  it("leaves numbers alone that a float holds exactly, and fractions and exponents", () => {
    const text =
      '{"a":53716844710,"b":-7,"c":1.2345678901234567890,"d":12345678901234567890e3,"e":0.00000000000000000001}';
    expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it("leaves digits inside strings and keys alone, whatever is escaped around them", () => {
    const text = String.raw`{"note \" 12345678901234567890":"say \\\" 12345678901234567890, \\","x":[ 12345678901234567890 ]}`;
    const expected = { 'note " 12345678901234567890': 'say \\" 12345678901234567890, \\', x: ["12345678901234567890"] };
    expect(read(text)).toEqual({ ok: true, value: expected });
  });

  it("keeps the sign of a large negative number", () => {
    expect(read("[-12345678901234567890]")).toEqual({ ok: true, value: ["-12345678901234567890"] });
  });

  it.each(["", "{", '{"a":}', "id=1", '{"a":1}x'])("says that %j is not JSON", (text) => {
    expect(read(text)).toEqual({ ok: false, error: { kind: "not_json" } });
  });

  it("reads a megabyte of one string in one pass", () => {
    const long = "x1234567890123456789 ".repeat(50_000);
    expect(read(JSON.stringify({ long }))).toEqual({ ok: true, value: { long } });
  });
});
