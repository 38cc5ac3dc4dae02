/** A shop's listings: what is not counted, and an item that is given to a SKU. */
import { type Command, UsageError } from "./command-context.ts";
import { table } from "./table.ts";

type Report = {
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly sku: string;
  readonly title: string;
  readonly status: string;
  readonly countedAs: string | null;
  readonly sharesSkuWith: readonly string[];
};
type Page = {
  readonly listings: readonly Report[];
  readonly next: string | null;
  readonly counts: Readonly<Record<string, number>>;
};
type Attached = {
  readonly attached: readonly { locationId: string; connection: string; level: number; ours: number; delta: number }[];
  readonly unknownLocations: readonly string[];
};

export const reportListings: Command = async ({ client, shop, flags }) => {
  const listings: Report[] = [];
  let counts: Page["counts"] = {};
  for (let after: string | null = ""; after !== null; ) {
    const query = new URLSearchParams({
      status: flags.status ?? "unmapped",
      limit: "200",
      ...(after === "" ? {} : { after }),
    });
    const page: Page = await client.call<Page>("GET", `/v1/shops/${shop()}/listings?${query}`);
    listings.push(...page.listings);
    counts = page.counts;
    after = page.next;
  }
  const rows = listings.map((l) => [
    ...[l.status, l.sku || "(none)", l.inventoryItemId, l.variantId, l.title],
    l.countedAs ?? (l.sharesSkuWith.length === 0 ? "" : `item ${l.sharesSkuWith.join(", ")} has this SKU`),
  ]);
  const summary = Object.entries(counts).map(([status, n]) => `${n} ${status}`);
  const text = `${summary.join(", ")}.`;
  if (rows.length === 0) return { answer: { listings, counts }, text };
  const head = ["STATUS", "SKU", "ITEM", "VARIANT", "TITLE", "COUNTED AS"];
  return { answer: { listings, counts }, text: `${text}\n${table(head, rows)}` };
};

export const attachListing: Command = async ({ client, shop, args: [item, sku], flags }) => {
  if (item === undefined || sku === undefined) throw new UsageError("Name an inventory item and a SKU.");
  const dryRun = flags["dry-run"] ? "?dryRun=true" : "";
  const path = `/v1/shops/${shop()}/listings/${encodeURIComponent(item)}/attach${dryRun}`;
  const answer = await client.call<Attached>("POST", path, { sku });
  const rows = answer.attached.map((at) => [at.locationId, at.connection, at.level, at.ours, at.delta]);
  const said = flags["dry-run"] ? "Nothing was changed. It would be:" : `Item ${item} is counted as ${sku}.`;
  const unknown = answer.unknownLocations.map((id) => `\nLocation ${id} is not imported: import, then attach again.`);
  const head = ["LOCATION", "CONNECTION", "LEVEL", "OURS", "FIRST PUSH"];
  return { answer, text: `${said}\n${table(head, rows)}${unknown.join("")}` };
};
