/**
 * The one place that names the Admin API version. 2026-10 is the stable one of its quarter, supported for a year; its
 * inventory inputs are those of 2026-04, and earlier ones lack `@idempotent` or have a transition shape. Raising it: take
 * the new schema into dev/shopify-simulator/schema, and run the contract tests.
 */
export const SHOPIFY_API_VERSION = "2026-10";
