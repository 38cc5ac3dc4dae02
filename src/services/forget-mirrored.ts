/**
 * Forgets the mirrored levels that a webhook makes stale, beside its answer: one deadline for finding their names and
 * for telling Redis. What is not forgotten in time expires by itself, and the consumer writes the new levels anyway.
 */
import { parseSku, type ShopDomain, type Sku } from "../domain/ids.ts";
import type {
  FulfilmentEvent,
  LevelEvent,
  LevelGoneEvent,
  OrderEvent,
  RefundEvent,
  ShopEvent,
} from "../domain/shop-event.ts";
import type { Catalogue, Listing } from "./catalogue.ts";
import type { Mirror } from "./mirror.ts";
import { catalogueQueryOf, linesOf } from "./route-event.ts";
import { inTime } from "./with-deadline.ts";

export interface ForgetDeps {
  readonly catalogue: Pick<Catalogue, "resolve" | "remembered">;
  readonly mirror: Pick<Mirror, "invalidate">;
  readonly msMax: number;
  nowMs(): number;
}

/** Never rejects for Redis's or D1's sake. What is asked of Redis is given up there, not abandoned here. */
export async function forgetMirrored(shop: ShopDomain, event: ShopEvent, deps: ForgetDeps): Promise<"done" | "late"> {
  if ("lines" in event || "restocks" in event) {
    await forget(skusOfLines(shop, event, deps), deps.msMax, deps);
    return "done";
  }
  if (event.kind !== "level" && event.kind !== "level_gone") return "done"; // its levels come with news of their own
  const startedMs = deps.nowMs();
  try {
    const skus = await inTime(deps.msMax, () => skusOfLevel(shop, event, deps));
    await forget(skus, deps.msMax - (deps.nowMs() - startedMs), deps);
    return "done";
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") return "late";
    throw error;
  }
}

async function forget(skus: readonly Sku[], leftMs: number, { mirror }: ForgetDeps): Promise<void> {
  if (skus.length > 0) await mirror.invalidate(skus, leftMs);
}

/** A level names an item, which the catalogue knows. */
async function skusOfLevel(
  shop: ShopDomain,
  event: LevelEvent | LevelGoneEvent,
  { catalogue }: ForgetDeps,
): Promise<readonly Sku[]> {
  const query = catalogueQueryOf(shop, [event]);
  const known = catalogue.remembered(query).items.get(event.item);
  return skuOf(known ?? (await catalogue.resolve(query)).items.get(event.item));
}

/** A line names its SKU; one that was renamed, or names none, is known by its variant, if the isolate remembers it. */
function skusOfLines(
  shop: ShopDomain,
  event: OrderEvent | RefundEvent | FulfilmentEvent,
  { catalogue }: ForgetDeps,
): readonly Sku[] {
  const { variants } = catalogue.remembered(catalogueQueryOf(shop, [event]));
  const skus = linesOf(event).flatMap(({ sku: text, variantId }) => {
    const sku = parseSku(text);
    return [...(sku.ok ? [sku.value] : []), ...skuOf(variantId === null ? undefined : variants.get(variantId))];
  });
  return [...new Set(skus)];
}

const skuOf = (listing: Listing | undefined): readonly Sku[] => (listing?.kind === "active" ? [listing.sku] : []);
