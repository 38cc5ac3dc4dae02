/** Circuit breakers, as an operator sees them. */
import { expect } from "vitest";
import type { OnhandClient } from "../../../dev/cli/client.ts";
import { waitUntil } from "./wait-until.ts";

type Breakers = { readonly breakers: readonly { readonly destination: string; readonly state: string }[] };

/**
 * @param shop  or the whole name of another destination
 * @returns its state; null: nobody knows of it
 */
export async function breakerOf(client: OnhandClient, shop: string): Promise<string | null> {
  const { breakers } = await client.call<Breakers>("GET", "/v1/breakers");
  return breakers.find(({ destination }) => [shop, `shopify/${shop}`].includes(destination))?.state ?? null;
}

/** Three failures in a row open it, and each takes as long as a call may. */
const OPENS_MS_MAX = 30_000;
/** The longest pause between two probes is half a minute. */
const CLOSES_MS_MAX = 90_000;

export async function untilOpen(client: OnhandClient, shop: string): Promise<void> {
  expect(await waitUntil(async () => (await breakerOf(client, shop)) === "open", OPENS_MS_MAX)).toBe(true);
}

export async function untilClosed(client: OnhandClient, shop: string): Promise<void> {
  expect(await waitUntil(async () => (await breakerOf(client, shop)) === "closed", CLOSES_MS_MAX)).toBe(true);
}
