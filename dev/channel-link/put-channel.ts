/** Makes a simulated channel known to Onhand over its API, and Onhand to it. */
import type { OnhandClient } from "../cli/client.ts";

export type Connectable = {
  connect(eventsUrl: string, secret: string): void;
  /** Where it wants to be told; left out: it only tells. */
  readonly endpoint?: string;
};

export const eventsUrlOf = (client: OnhandClient, id: string): string => `${client.url}/v1/channels/${id}/events`;

/**
 * First its secret, which the other side must know before it is told anything; then where to tell it.
 * @param body  as `PUT /v1/channels/{id}` takes it, without endpoint and direction
 * @returns the secret
 */
export async function putChannel(
  client: OnhandClient,
  id: string,
  other: Connectable,
  body: Readonly<Record<string, unknown>>,
): Promise<string> {
  const path = `/v1/channels/${id}`;
  const { secret } = await client.call<{ secret?: string }>("PUT", path, { ...body, direction: "in" });
  if (secret === undefined) throw new Error(`no secret was told for ${id}`);
  other.connect(eventsUrlOf(client, id), secret);
  if (other.endpoint !== undefined) await client.call("PUT", path, { ...body, endpoint: other.endpoint });
  return secret;
}
