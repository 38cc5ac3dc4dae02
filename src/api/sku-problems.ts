/** What is said of a SKU that cannot be answered for. */
import type { Sku } from "../domain/ids.ts";
import type { Problem } from "./problem.ts";

const IMPORT_RETRY_SECONDS = 5; // a page of an import takes some seconds

export const importing = (sku: Sku): Problem => ({
  code: "importing",
  detail: `"${sku}" is in the catalogue, and its counter has no levels yet.`,
  field: "sku",
  retryAfterSeconds: IMPORT_RETRY_SECONDS,
});

export const unknownSku = (sku: Sku): Problem => ({
  code: "not_found",
  detail: `No SKU "${sku}" in the catalogue.`,
  field: "sku",
});
