/**
 * The GraphQL documents that the gate itself sends. test/contract/shopify-documents.test.ts validates each against
 * Shopify's schema.
 */

/**
 * Add signed numbers of units to existing levels, all rows or none.
 * `createdAt` is the push's stamp, `quantityAfterChange` a free read where Shopify tells it (recordings of 2026-04 show
 * null). `name` because an adjustment of `available` is listed together with the `on_hand` that it drags along.
 * @see https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/inventoryAdjustQuantities
 */
export const ADJUST_DOCUMENT = `mutation OnhandAdjust($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup {
      id
      createdAt
      changes(quantityNames: ["available"]) {
        name
        delta
        quantityAfterChange
        item { id }
        location { id }
      }
    }
    userErrors { code field message }
  }
}`;

/**
 * Move units between available and safety_stock at existing levels, all rows or none: what is on hand stays. Only the
 * change of available is asked for: the other half is the same with the other sign.
 * @see https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/inventoryMoveQuantities
 */
export const MOVE_DOCUMENT = `mutation OnhandMove($input: InventoryMoveQuantitiesInput!, $key: String!) {
  inventoryMoveQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup {
      id
      createdAt
      changes(quantityNames: ["available"]) {
        name
        delta
        quantityAfterChange
        item { id }
        location { id }
      }
    }
    userErrors { code field message }
  }
}`;

/**
 * The least query there is, one point: answered, Shopify is back.
 * @see https://shopify.dev/docs/api/admin-graphql/2026-10/queries/shop
 */
export const PROBE_DOCUMENT = "query OnhandProbe { shop { id } }";

const LEVEL_FRAGMENT = `fragment OnhandLevel on InventoryLevel {
  updatedAt
  quantities(names: ["available", "committed"]) { name quantity updatedAt }
}`;

/**
 * All asked-for levels of many items in one query: `nodes` of inventory items, and per location an alias `l0`, `l1` …
 * Why so: the ids of InventoryLevels are Shopify's own and unknown to us; `inventoryLevels(first:)` is a connection, whose
 * cost and paging depend on locations that nobody asked for, and a missed page would look like a level that is not
 * stocked. An alias answers null for exactly that, costs the same whatever the item has elsewhere, and needs no page.
 * Inactive levels count as not stocked (`includeInactive` is false by default).
 * @param locationCount  locations `$l0` … `$l(n−1)`
 * @see https://shopify.dev/docs/api/admin-graphql/2026-10/objects/InventoryItem
 */
export function levelsDocument(locationCount: number): string {
  const numbers = Array.from({ length: locationCount }, (_, index) => index);
  const variables = numbers.map((index) => `, $l${index}: ID!`).join("");
  const levels = numbers.map((index) => `      l${index}: inventoryLevel(locationId: $l${index}) { ...OnhandLevel }`);
  return `query OnhandLevels($ids: [ID!]!${variables}) {
  nodes(ids: $ids) {
    ... on InventoryItem {
      id
${levels.join("\n")}
    }
  }
}
${LEVEL_FRAGMENT}`;
}
