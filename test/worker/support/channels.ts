/** A channel with a secret of its own, and events that it posts, signed as Standard Webhooks has it. */
import { env, exports } from "cloudflare:workers";
import { signWebhook } from "../../../src/channels/webhook/sign.ts";
import { signingSecretOf } from "../../../src/domain/channel/signing-secret.ts";
import { type ChannelId, fromStore } from "../../../src/domain/ids.ts";
import { type ChannelDraft, SIGNING } from "../../../src/services/channels/channel-store.ts";
import { secretBox } from "../../../src/services/channels/secret-box.ts";
import { d1Channels } from "../../../src/store/d1-channels.ts";
import { channelDraft } from "../../support/channels/draft.ts";
import type { Answer } from "./api.ts";
import { TEST_ENV } from "./test-env.ts";

export type TestChannel = { readonly id: ChannelId; readonly secret: string };

export async function putChannel(id: string, given: Partial<ChannelDraft> = {}): Promise<TestChannel> {
  const channel = fromStore<ChannelId>(id);
  const secret = signingSecretOf(crypto.getRandomValues(new Uint8Array(32)));
  const sealed = await secretBox([TEST_ENV.CHANNEL_KEY]).seal(channel, SIGNING, secret);
  await d1Channels(env.DB).put(channelDraft({ id: channel, endpoint: null, ...given }), null, sealed, Date.now());
  return { id: channel, secret };
}

/** A Shopify shop beside those of the environment, with an app of its own. */
export async function putShop(domain: string): Promise<void> {
  const { id } = await putChannel(domain, { type: "shopify", adapter: "shopify" });
  const box = secretBox([TEST_ENV.CHANNEL_KEY]);
  const nowMs = Date.now();
  for (const name of ["client_id", "client_secret"])
    await d1Channels(env.DB).addSecret(id, name, await box.seal(id, name, name), { keepOldUntilMs: nowMs, nowMs });
}

let deliveries = 0;

export async function postEvents(
  { id, secret }: TestChannel,
  body: unknown,
  webhookId = `msg-${++deliveries}`,
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await exports.default.fetch(`https://onhand.test/v1/channels/${id}/events`, {
    method: "POST",
    headers: { ...(await signWebhook(webhookId, text, secret, Date.now())) },
    body: text,
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body: answer };
}
