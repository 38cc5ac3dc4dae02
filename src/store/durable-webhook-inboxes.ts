/** The inboxes of channels, by the channel's name. A stub is made afresh for each call's sake: one that has thrown stays broken. */
import type { WebhookInbox, WebhookInboxStub } from "../services/channels/webhook-inbox.ts";
import { inTime } from "../services/with-deadline.ts";

export function durableWebhookInboxes(namespace: Env["WEBHOOK_INBOX"], timeoutMs: number): WebhookInbox {
  const of = (channel: string) => namespace.get(namespace.idFromName(channel)) as unknown as WebhookInboxStub;
  return {
    look: (channel, webhookId, sha256) => inTime(timeoutMs, () => of(channel).look(webhookId, sha256)),
    note: (channel, webhookId, sha256) => inTime(timeoutMs, () => of(channel).note(webhookId, sha256)),
  };
}
