/** How Shopify writes times. All of them are whole seconds; only the header X-Shopify-Triggered-At has nanoseconds. */

/** The shop's zone: a fixed offset keeps the stamps readable and the tests honest about parsing offsets. */
export const SHOP_OFFSET_MINUTES = -240;
const SHOP_OFFSET_TEXT = "-04:00";

/** `2026-11-22T09:30:01-04:00`, as in webhook bodies. */
export function shopStamp(atMs: number): string {
  const local = new Date(wholeSecondMs(atMs) + SHOP_OFFSET_MINUTES * 60_000).toISOString();
  return local.slice(0, 19) + SHOP_OFFSET_TEXT;
}

/** `2026-11-22T13:30:01Z`, as GraphQL's DateTime. */
export function utcStamp(atMs: number): string {
  return `${new Date(wholeSecondMs(atMs)).toISOString().slice(0, 19)}Z`;
}

/** `2026-11-22T13:30:01.123000456Z`. @param nanos  0 to 999,999: what the clock of a server would add below a millisecond */
export function nanosecondStamp(atMs: number, nanos: number): string {
  return `${new Date(atMs).toISOString().slice(0, 23)}${String(nanos).padStart(6, "0")}Z`;
}

export function wholeSecondMs(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}
