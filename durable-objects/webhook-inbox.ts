/**
 * WebhookInbox: one object per channel, named by it, that knows which of its deliveries were taken. A thin shell: it owns the
 * table and the clock, and answers RPC. If it is away or lost, deliveries are taken all the same, and count once.
 */
import { DurableObject } from "cloudflare:workers";
import type { Seen, WebhookInboxStub } from "../src/services/channels/webhook-inbox.ts";
import { WEBHOOK_INBOX_KEPT_MS } from "../src/wiring/channel-events.ts";
import { migrate } from "./schema.ts";
import { WEBHOOK_INBOX_SCHEMA, WebhookInboxDesk } from "./webhook-inbox-desk.ts";

export class WebhookInbox extends DurableObject<Env> implements WebhookInboxStub {
  readonly #desk: WebhookInboxDesk;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(ctx.storage, WEBHOOK_INBOX_SCHEMA, Date.now());
    this.#desk = new WebhookInboxDesk({
      storage: ctx.storage,
      keptMs: WEBHOOK_INBOX_KEPT_MS,
      now: () => Date.now(),
    });
  }

  async look(webhookId: string, sha256: string): Promise<Seen> {
    return this.#desk.look(webhookId, sha256);
  }

  async note(webhookId: string, sha256: string): Promise<void> {
    this.#desk.note(webhookId, sha256);
  }
}
