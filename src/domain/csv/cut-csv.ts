/** A long CSV text in shorter ones, each with the header: the same text is always cut at the same places. */
import type { CsvRecord } from "./parse-csv.ts";

export type CsvPart = {
  readonly text: string;
  readonly rows: number;
  /** What to add to a line of the part to get the line of the whole. */
  readonly lineOffset: number;
};

export type CutLimits = { readonly rowsMax: number; readonly charsMax: number };

/** @param records  of the text; the first is the header. A row that is longer than a part may be gets a part of its own */
export function cutCsv(
  text: string,
  records: readonly CsvRecord[],
  { rowsMax, charsMax }: CutLimits,
): readonly CsvPart[] {
  const [header, ...rows] = records;
  if (header === undefined) return [];
  const head = withLineEnd(text.slice(header.start, header.end));
  const headLines = head.split("\n").length - 1;
  const parts: CsvPart[] = [];
  let from = 0;
  while (from < rows.length) {
    let to = from + 1;
    const start = rows[from]?.start ?? 0;
    const fits = (n: number) => head.length + (rows[n]?.end ?? 0) - start <= charsMax;
    while (to < rows.length && to - from < rowsMax && fits(to)) to += 1;
    const body = text.slice(start, rows[to - 1]?.end);
    parts.push({ text: head + body, rows: to - from, lineOffset: (rows[from]?.line ?? 0) - (headLines + 1) });
    from = to;
  }
  return parts;
}

const withLineEnd = (record: string): string => (record.endsWith("\n") ? record : `${record}\r\n`);
