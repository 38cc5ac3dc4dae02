/** Makes a Square till known to Onhand, and Onhand to it, as an operator would: what it sells, and its credentials. Connecting it comes after. */
import { randomBytes } from "node:crypto";
import type { OnhandClient } from "../cli/client.ts";
import type { SquareSimulator } from "../square-simulator/square-simulator.ts";

export type SquareTill = {
  /** Onhand's name of the channel. */
  readonly id: string;
  /** Square's name of where it stands, and ours. */
  readonly place: string;
  readonly location: string;
  readonly listings: readonly { readonly itemId: string; readonly sku: string }[];
};

export async function putSquare(
  client: OnhandClient,
  square: SquareSimulator,
  { id, place, location, listings }: SquareTill,
): Promise<void> {
  const path = `/v1/channels/${id}`;
  const notificationUrl = `${client.url}/webhooks/channels/${id}`;
  const signatureKey = randomBytes(16).toString("base64url");
  await client.call("PUT", path, {
    ...{ type: "pos", adapter: "square", name: "Till (Square)", endpoint: square.endpoint },
    ...{ locations: { [place]: location }, listings: "mapped" },
  });
  const credentials = {
    access_token: square.accessToken,
    signature_key: signatureKey,
    notification_url: notificationUrl,
  };
  for (const [name, value] of Object.entries(credentials))
    await client.call("PUT", `${path}/credentials/${name}`, { value });
  square.connect(notificationUrl, signatureKey);
  await client.call("PUT", `${path}/listings`, { listings });
}
