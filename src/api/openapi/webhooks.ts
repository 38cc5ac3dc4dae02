/** What Onhand posts to others: signed as Standard Webhooks has it, with an id that stays the same for every try. */

import type { Schema } from "./operation.ts";
import { alertHook } from "./webhooks-alerts.ts";
import { channelHooks } from "./webhooks-channels.ts";
import { notificationHook } from "./webhooks-notifications.ts";

export type WebhookOut = {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** Beside the signature's. */
  readonly headers?: readonly { readonly name: string; readonly description: string; readonly schema: object }[];
  readonly schema: Schema;
  readonly example: unknown;
  readonly answers: Readonly<Record<string, { readonly description: string }>>;
};

export const WEBHOOKS: readonly WebhookOut[] = [...channelHooks, notificationHook, alertHook];
