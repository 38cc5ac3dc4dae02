/** All levels as CSV, a page of the catalogue at a time: memory holds one page, however many SKUs there are. */
import { csvLine } from "../domain/csv/write-csv.ts";
import type { Sku } from "../domain/ids.ts";
import type { LevelsAnswer } from "./read-levels.ts";

export interface SkuPages {
  /** In order of SKU. */
  after(sku: Sku | null, limit: number): Promise<readonly Sku[]>;
  /** The SKU `count` places after this one, if there are that many and at least one more. */
  boundary(sku: Sku | null, count: number): Promise<Sku | null>;
}

export interface ExportDeps {
  readonly pages: SkuPages;
  readLevels(skus: readonly Sku[]): Promise<ReadonlyMap<Sku, LevelsAnswer>>;
  readonly pageSkus: number;
  readonly skusMax: number;
}

export type LevelsExport = {
  readonly csv: ReadableStream<Uint8Array>;
  /** Another export begins after this SKU; null: this one holds the rest. */
  readonly nextAfter: Sku | null;
};

const COLUMNS = [
  ...["sku", "locationId", "available", "onHand", "committed", "reserved", "damaged", "safetyStock", "floor"],
  ...["version", "asOf", "problem"],
] as const;

const encoder = new TextEncoder();

export async function exportLevels(after: Sku | null, deps: ExportDeps): Promise<LevelsExport> {
  const nextAfter = await deps.pages.boundary(after, deps.skusMax);
  let last = after;
  let left = deps.skusMax;
  const csv = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(csvLine(COLUMNS))),
    async pull(controller) {
      const skus = left <= 0 ? [] : await deps.pages.after(last, Math.min(deps.pageSkus, left));
      const text = skus.length === 0 ? "" : await pageText(skus, deps);
      if (text !== "") controller.enqueue(encoder.encode(text));
      left -= skus.length;
      last = skus.at(-1) ?? last;
      if (skus.length === 0) controller.close();
    },
  });
  return { csv, nextAfter };
}

/** A SKU whose levels cannot be read has a row that says so: it is not missing. */
async function pageText(skus: readonly Sku[], { readLevels }: ExportDeps): Promise<string> {
  const answers = await readLevels(skus);
  return skus.map((sku) => linesOf(sku, answers.get(sku))).join("");
}

function linesOf(sku: Sku, answer: LevelsAnswer | undefined): string {
  const empty = COLUMNS.slice(1, -1).map(() => null);
  if (answer?.kind !== "read") {
    const problem = answer?.kind === "connecting" ? "importing" : "unavailable";
    return csvLine([sku, ...empty, problem]);
  }
  const { locations, version, asOf } = answer.view;
  return locations
    .map((level) =>
      csvLine([
        ...[sku, level.locationId, level.available, level.onHand, level.committed, level.reserved, level.damaged],
        ...[level.safetyStock, level.floor, version, asOf, null],
      ]),
    )
    .join("");
}
