/** A message as Onhand posts it to a channel's endpoint, signed by the reference library. */
import { Webhook } from "standardwebhooks";

export type Posted = { readonly id: string; readonly type: string; readonly data: Readonly<Record<string, unknown>> };

export function postSigned(url: string, secret: string, { id, type, data }: Posted): Promise<Response> {
  const at = new Date();
  const body = JSON.stringify({ type, timestamp: at.toISOString(), channel: "wms-main", data });
  return fetch(url, {
    method: "POST",
    headers: {
      "webhook-id": id,
      "webhook-timestamp": `${Math.floor(at.getTime() / 1_000)}`,
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    },
    body,
  });
}
