/**
 * A second till, of Square's making: it keeps its own counts, sells from them without asking, and echoes what it is told. It
 * mirrors ours at the store, after a dry run, as an operator would connect it.
 */
import { randomBytes } from "node:crypto";
import type { OnhandClient } from "../../cli/client.ts";
import type { SquareSimulator } from "../../square-simulator/square-simulator.ts";
import { SQUARE, SQUARE_PLACE } from "./day.ts";

type Page = {
  readonly nextCursor: string | null;
  readonly firstPushes: readonly { readonly delta: number }[];
};

const PREFIX = "SQ-";

/** What its last stocktake left: far from ours. */
const STALE_COUNT = 7;

/**
 * @param store  our location at which it stands
 * @returns how many first pushes the dry run listed
 */
export async function connectSquare(
  client: OnhandClient,
  square: SquareSimulator,
  store: string,
  skus: readonly string[],
): Promise<number> {
  const notificationUrl = `${client.url}/webhooks/channels/${SQUARE}`;
  const signatureKey = randomBytes(16).toString("base64url");
  const listings = skus.map((sku) => ({ itemId: itemOf(sku), sku }));
  for (const { itemId } of listings) square.count(itemId, SQUARE_PLACE, STALE_COUNT);
  await client.call("PUT", `/v1/channels/${SQUARE}`, {
    type: "pos",
    adapter: "square",
    name: "Till (Square)",
    endpoint: square.endpoint,
    locations: { [SQUARE_PLACE]: store },
    listings: "mapped",
  });
  await client.call("PUT", `/v1/channels/${SQUARE}/listings`, { listings });
  const credentials = {
    signature_key: signatureKey,
    notification_url: notificationUrl,
    access_token: square.accessToken,
  };
  for (const [name, value] of Object.entries(credentials))
    await client.call("PUT", `/v1/channels/${SQUARE}/credentials/${name}`, { value });
  square.connect(notificationUrl, signatureKey);
  const pushes = await connect(client, true);
  await connect(client, false);
  return pushes;
}

/** Square's name of what we call so. */
const itemOf = (sku: string): string => `${PREFIX}${sku}`;
export const skuOf = (item: string): string => item.slice(PREFIX.length);

async function connect(client: OnhandClient, dryRun: boolean): Promise<number> {
  let [cursor, pushes]: [string | null, number] = [null, 0];
  do {
    const body = { cursor, mode: "mirror", dryRun };
    const page: Page = await client.call("POST", `/v1/channels/${SQUARE}/connect`, body);
    pushes += page.firstPushes.filter(({ delta }) => delta !== 0).length;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pushes;
}
