/** The rows of a stocktake as CSV: which SKU, where, how many. Every fault is told with its line and column. */
import { type LocationId, parseNumericId, parseSku, type Sku } from "../ids.ts";
import { err, ok, type Result } from "../result.ts";
import { type CsvRecord, parseCsv } from "./parse-csv.ts";
import { unguardText } from "./write-csv.ts";

export type CountRow = {
  readonly line: number;
  readonly sku: Sku;
  readonly locationId: LocationId;
  readonly counted: number;
  readonly of: "available" | "on_hand";
  /** When the shelf was looked at (epoch ms); null: when the file was given. */
  readonly countedAtMs: number | null;
};

export type RowError = { readonly line: number; readonly field: string; readonly message: string };

export type CountsFile = { readonly rows: readonly CountRow[]; readonly errors: readonly RowError[] };

const REQUIRED = ["sku", "locationId", "counted"] as const;
const COLUMNS = [...REQUIRED, "of", "countedAt"] as const;
type Column = (typeof COLUMNS)[number];

export type CountsLimits = { readonly rowsMax: number; readonly quantityMax: number; readonly nowMs: number };

/** @returns an error when the text as a whole cannot be read: then nothing of it was */
export function parseCounts(text: string, limits: CountsLimits): Result<CountsFile, RowError> {
  const parsed = parseCsv(text);
  if (!parsed.ok) return err({ line: parsed.error.line, field: "row", message: parsed.error.message });
  const [header, ...records] = parsed.value;
  if (header === undefined) return err({ line: 1, field: "header", message: "the file is empty" });
  const columns = header.fields.map((name) => name.trim());
  const fault = headerFault(columns);
  if (fault !== null) return err({ line: header.line, field: "header", message: fault });
  if (records.length > limits.rowsMax)
    return err({ line: records[limits.rowsMax]?.line ?? 0, field: "row", message: `more than ${limits.rowsMax} rows` });
  const rows: CountRow[] = [];
  const errors: RowError[] = [];
  const seen = new Map<string, number>();
  for (const record of records) {
    const row = parseRow(record, columns, limits);
    if (!row.ok) {
      errors.push(...row.error);
      continue;
    }
    const place = `${row.value.locationId} ${row.value.sku}`;
    const earlier = seen.get(place);
    if (earlier !== undefined)
      errors.push({
        line: record.line,
        field: "sku",
        message: `is counted at this location in line ${earlier} already`,
      });
    seen.set(place, earlier ?? record.line);
    rows.push(row.value);
  }
  return ok({ rows, errors });
}

function headerFault(columns: readonly string[]): string | null {
  const known: readonly string[] = COLUMNS;
  const unknown = columns.find((name) => !known.includes(name));
  if (unknown !== undefined) return `"${unknown.slice(0, 50)}" is no column of: ${COLUMNS.join(", ")}`;
  const double = columns.find((name, i) => columns.indexOf(name) !== i);
  if (double !== undefined) return `"${double}" stands there twice`;
  const missing = REQUIRED.find((name) => !columns.includes(name));
  return missing === undefined ? null : `"${missing}" is missing`;
}

function parseRow(
  { line, fields }: CsvRecord,
  columns: readonly string[],
  { quantityMax, nowMs }: CountsLimits,
): Result<CountRow, readonly RowError[]> {
  if (fields.length !== columns.length)
    return err([{ line, field: "row", message: `has ${fields.length} fields, the header ${columns.length}` }]);
  const errors: RowError[] = [];
  const fault = (field: Column, message: string): void => void errors.push({ line, field, message });
  const textOf = (column: Column): string => (fields[columns.indexOf(column)] ?? "").trim();
  const sku = parseSku(unguardText(textOf("sku")));
  if (!sku.ok) fault("sku", "must be 1–255 printable characters");
  const location = parseNumericId<LocationId>("location", textOf("locationId"));
  if (!location.ok) fault("locationId", "must be the location's numeric id");
  const of = textOf("of") === "" ? "available" : textOf("of");
  if (of !== "available" && of !== "on_hand") fault("of", "must be available or on_hand");
  const counted = wholeNumber(textOf("counted"), quantityMax);
  if (counted === null) fault("counted", `must be a whole number of at most ${quantityMax}`);
  else if (counted < 0 && of === "on_hand") fault("counted", "on hand cannot be below 0");
  const countedAtMs = momentOf(textOf("countedAt"));
  if (countedAtMs === undefined) fault("countedAt", "must be a time as 2026-11-27T10:00:00Z");
  else if (countedAtMs !== null && countedAtMs > nowMs) fault("countedAt", "lies in the future");
  if (errors.length > 0 || !sku.ok || !location.ok || counted === null || countedAtMs === undefined) return err(errors);
  return ok({
    ...{ line, sku: sku.value, locationId: location.value, counted, countedAtMs },
    of: of === "on_hand" ? "on_hand" : "available",
  });
}

function wholeNumber(text: string, max: number): number | null {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(value) <= max ? value : null;
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Undefined: no time. */
function momentOf(text: string): number | null | undefined {
  if (text === "") return null;
  const ms = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
