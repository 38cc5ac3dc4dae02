/** One POST to Onhand, signed by the reference library as a channel signs. */
import { Webhook } from "standardwebhooks";

export type SignedPost = {
  readonly url: string;
  readonly secret: string;
  readonly webhookId: string;
  readonly body: string;
  /** When it says that it was signed; left out: now. */
  readonly at?: Date;
};

/** Under whose name nothing was ever agreed. */
export const WRONG_SECRET = `whsec_${Buffer.from("this-secret-was-never-agreed-on-").toString("base64")}`;

const TIMEOUT_MS = 15_000;

/** Rejects when there is no answer in time. */
export const postSigned = ({ url, secret, webhookId, body, at = new Date() }: SignedPost): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": webhookId,
      "webhook-timestamp": `${Math.floor(at.getTime() / 1_000)}`,
      "webhook-signature": new Webhook(secret).sign(webhookId, at, body),
    },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
