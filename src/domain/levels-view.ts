/**
 * The levels of one SKU as they are served, mirrored and cached. All numbers are whole units; `version` is the counter's,
 * by which a store refuses late writers. Locations go by id; their names are the catalogue's.
 * When this shape changes, values of the old one live on in the mirror for a minute: the parser refuses them, and they
 * count as misses.
 */
import { fromStore, type LocationId, type Sku, type SkuId } from "./ids.ts";
import { err, ok, type Result } from "./result.ts";

export type LocationView = {
  readonly locationId: LocationId;
  /** What a channel may count on seeing: ledger − doubt − anticipated. May be negative. */
  readonly available: number;
  /** What is certainly there: takes of our own channels are accepted against it. */
  readonly floor: number;
  readonly reserved: number;
  readonly committed: number;
  readonly damaged: number;
  readonly safetyStock: number;
  /** available + reserved + committed + damaged + safetyStock */
  readonly onHand: number;
  /** Σ of all movements. */
  readonly ledger: number;
  /** Units that Shopify may have taken: two pieces of news do not agree yet. */
  readonly doubt: number;
  /** Units that orders have taken and no level has shown yet. */
  readonly anticipated: number;
};

export type LevelsView = {
  readonly sku: Sku;
  readonly skuId: SkuId;
  readonly version: number;
  readonly available: number;
  readonly floor: number;
  readonly reserved: number;
  readonly committed: number;
  readonly damaged: number;
  readonly safetyStock: number;
  readonly onHand: number;
  /** In order of import. */
  readonly locations: readonly LocationView[];
  /** When the counter showed them: ISO 8601, UTC, milliseconds. */
  readonly asOf: string;
};

/** Names the first field that is not as it should be. */
export type LevelsViewError = { readonly kind: "malformed_levels_view"; readonly field: string };

/**
 * Checks what was stored as JSON and takes over the known fields alone. By hand, not by a schema: a page of the API
 * parses 250 of them.
 * @param given  what JSON.parse made of it
 */
export function parseLevelsView(given: unknown): Result<LevelsView, LevelsViewError> {
  if (!isRecord(given)) return malformed("(root)");
  const { sku, skuId, version, locations, asOf } = given;
  if (!isText(sku)) return malformed("sku");
  if (!isText(skuId)) return malformed("skuId");
  if (!isInteger(version) || version < 0) return malformed("version");
  if (typeof asOf !== "string" || !ISO_UTC_MS.test(asOf)) return malformed("asOf");
  if (!Array.isArray(locations)) return malformed("locations");
  const counts = parseCounts(given);
  if (!counts.ok) return counts;
  const parsed: LocationView[] = [];
  for (const location of locations) {
    const one = parseLocation(location);
    if (!one.ok) return malformed(`locations.${parsed.length}.${one.error.field}`);
    parsed.push(one.value);
  }
  return ok({
    sku: fromStore<Sku>(sku),
    skuId: fromStore<SkuId>(skuId),
    version,
    ...counts.value,
    locations: parsed,
    asOf,
  });
}

type LevelCounts = Pick<
  LocationView & LevelsView,
  "available" | "floor" | "reserved" | "committed" | "damaged" | "safetyStock" | "onHand"
>;

const ISO_UTC_MS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const malformed = (field: string): Result<never, LevelsViewError> => err({ kind: "malformed_levels_view", field });

function parseLocation(given: unknown): Result<LocationView, LevelsViewError> {
  if (!isRecord(given)) return malformed("(root)");
  const { locationId, ledger, doubt, anticipated } = given;
  if (!isText(locationId)) return malformed("locationId");
  if (!isInteger(ledger)) return malformed("ledger");
  if (!isInteger(doubt)) return malformed("doubt");
  if (!isInteger(anticipated)) return malformed("anticipated");
  const counts = parseCounts(given);
  if (!counts.ok) return counts;
  return ok({ locationId: fromStore<LocationId>(locationId), ...counts.value, ledger, doubt, anticipated });
}

function parseCounts({
  available,
  floor,
  reserved,
  committed,
  damaged,
  safetyStock,
  onHand,
}: JsonRecord): Result<LevelCounts, LevelsViewError> {
  if (!isInteger(available)) return malformed("available");
  if (!isInteger(floor)) return malformed("floor");
  if (!isInteger(reserved)) return malformed("reserved");
  if (!isInteger(committed)) return malformed("committed");
  if (!isInteger(damaged)) return malformed("damaged");
  if (!isInteger(safetyStock)) return malformed("safetyStock");
  if (!isInteger(onHand)) return malformed("onHand");
  return ok({ available, floor, reserved, committed, damaged, safetyStock, onHand });
}

type FieldName = keyof LevelsView | keyof LocationView;
type JsonRecord = { readonly [Name in FieldName]?: unknown };

const isRecord = (given: unknown): given is JsonRecord =>
  typeof given === "object" && given !== null && !Array.isArray(given);
const isText = (given: unknown): given is string => typeof given === "string" && given.length > 0;
const isInteger = (given: unknown): given is number => Number.isSafeInteger(given);
