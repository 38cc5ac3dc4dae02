/**
 * CSV as RFC 4180 has it, strictly: what a spreadsheet would quietly repair is an error with its line here, because a number
 * that slips into the next column is a wrong stock. Line ends may be CRLF or LF; a byte order mark is left out.
 */
import { err, ok, type Result } from "../result.ts";

export type CsvRecord = {
  /** Line of the text, from 1, on which it begins: a quoted field may hold line ends. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Where it stands in the text, its line end included. */
  readonly start: number;
  readonly end: number;
};

export type CsvError = { readonly line: number; readonly message: string };

/** Blank lines are left out. */
export function parseCsv(text: string): Result<readonly CsvRecord[], CsvError> {
  const records: CsvRecord[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const read = readRecord(text, at, line);
    if (!read.ok) return read;
    const { fields, end, lines } = read.value;
    if (fields.length > 1 || fields[0] !== "") records.push({ line, fields, start: at, end });
    at = end;
    line += lines;
  }
  return ok(records);
}

type ReadRecord = { readonly fields: readonly string[]; readonly end: number; readonly lines: number };

function readRecord(text: string, start: number, line: number): Result<ReadRecord, CsvError> {
  const fields: string[] = [];
  let lines = 0;
  let at = start;
  for (;;) {
    const field = text[at] === '"' ? readQuoted(text, at) : readPlain(text, at);
    if (!field.ok) return err({ line: line + lines, message: field.error });
    fields.push(field.value.text);
    lines += field.value.text.split("\n").length - 1;
    at = field.value.end;
    if (text[at] === ",") {
      at += 1;
      continue;
    }
    if (at >= text.length) return ok({ fields, end: at, lines });
    if (text[at] === "\n") return ok({ fields, end: at + 1, lines: lines + 1 });
    if (text.startsWith("\r\n", at)) return ok({ fields, end: at + 2, lines: lines + 1 });
    return err({ line: line + lines, message: "a field goes on after its closing quote" });
  }
}

type ReadField = { readonly text: string; readonly end: number };

function readPlain(text: string, start: number): Result<ReadField, string> {
  let at = start;
  while (at < text.length && text[at] !== "," && text[at] !== "\n" && !text.startsWith("\r\n", at)) {
    if (text[at] === '"') return err("a quote stands inside a field that is not quoted");
    if (text[at] === "\r") return err("a line ends with CR alone");
    at += 1;
  }
  return ok({ text: text.slice(start, at), end: at });
}

function readQuoted(text: string, start: number): Result<ReadField, string> {
  let value = "";
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return err("a quoted field is not closed");
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return ok({ text: value, end: quote + 1 });
    value += '"';
    at = quote + 2;
  }
}
