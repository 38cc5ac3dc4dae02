/** What the API may do with notifications and their destinations. */
import { LIMITS } from "../config.ts";
import { parseOutboundUrl } from "../domain/outbound-url.ts";
import type { SecretBox } from "../services/channels/secret-box.ts";
import { createDestination, type NewDestination } from "../services/notifications/create-destination.ts";
import {
  type By,
  type DestinationDeps,
  enableDestination,
  putDestination,
  removeDestination,
  rotateDestination,
  testDestination,
} from "../services/notifications/manage-destinations.ts";
import type { DestinationDraft, NotificationFilterAsked } from "../services/notifications/notification-store.ts";
import { reaching } from "../services/unavailable.ts";
import { d1Notifications } from "../store/d1-notifications.ts";
import { d1NotifyDestinations } from "../store/d1-notify-destinations.ts";
import { mintSigningSecret, sealingDeps } from "./channels.ts";
import { configOf } from "./configuration.ts";
import { ownerOf, queueDelivery, sendTo } from "./notifier.ts";

const randomSuffix = (): string => crypto.randomUUID().slice(0, 8);

type DeliveriesPage = Pick<NotificationFilterAsked, "limit" | "cursor">;

export function notificationServices(env: Env, ctx: Pick<ExecutionContext, "waitUntil">) {
  const store = reaching("notifications", d1Notifications(env.DB));
  const deps: DestinationDeps = {
    store: reaching("notifications", d1NotifyDestinations(env.DB)),
    box: (): SecretBox => sealingDeps(env).box,
    mint: mintSigningSecret,
    ownerOf,
    destinationsMax: LIMITS.notifyDestinationsMax,
    nowMs: () => Date.now(),
  };
  const isDevelopment = configOf(env).environment === "development";
  return {
    destinations: () => deps.store.list(),
    destination: (id: string) => deps.store.get(id),
    /** Why nothing may be sent there; null: it may. */
    refusalOf(url: string): string | null {
      const parsed = parseOutboundUrl(url, { isDevelopment });
      return parsed.ok ? null : parsed.error.message;
    },
    create: (draft: NewDestination, url: string | null, key: string | null, by: By) =>
      createDestination(draft, url, key, by, { ...deps, randomSuffix }),
    put: (draft: DestinationDraft, url: string | null, by: By) => putDestination(draft, url, by, deps),
    rotate: (id: string, keepOldMs: number, by: By) => rotateDestination(id, keepOldMs, by, deps),
    remove: (id: string, by: By) => removeDestination(id, by, deps),
    enable: (id: string, by: By) => enableDestination(id, by, deps),
    test: (id: string, by: By) =>
      testDestination(id, by, {
        ...deps,
        send: (destination, message) => sendTo(env, ctx, destination, message),
        newId: () => crypto.randomUUID(),
      }),
    list: (asked: NotificationFilterAsked) => store.list(asked),
    get: (id: string) => store.get(id),
    deliveriesOf: (id: string, page: DeliveriesPage) => store.deliveriesOf(id, page),
    async resend(id: string, by: By) {
      const atMs = Date.now();
      const audit = { atMs, ...by, action: "delivery.resent", subject: id, detail: {} };
      const delivery = await store.resend(id, audit, atMs + LIMITS.notifyQueuedMs, atMs);
      if (delivery !== null) ctx.waitUntil(queueDelivery(env, id));
      return delivery;
    },
  };
}
