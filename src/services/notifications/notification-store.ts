/** Notifications, destinations and deliveries, as the services keep them. Every method is one transaction; it rejects when the store is away. */
import type { NotifyDestination } from "../../domain/notification/destination.ts";
import type { Notification, NotificationKind, NotificationSeverity } from "../../domain/notification/notification.ts";
import type { Heard } from "../../domain/reply-beginning.ts";
import type { AuditEntry } from "../audit.ts";
import type { Sealed } from "../channels/secret-box.ts";

export type DeliveryState = "waiting" | "held" | "in_digest" | "sent" | "given_up";

export type DeliveryAttempt = Heard & {
  readonly atMs: number;
  /** `told`, `failed`, `gone`; waiting for a breaker is no attempt. */
  readonly outcome: string;
  readonly reason: string | null;
};

export type Delivery = {
  readonly id: string;
  /** Null: a digest. */
  readonly notificationId: string | null;
  readonly destinationId: string;
  readonly state: DeliveryState;
  readonly dueAtMs: number;
  readonly digestId: string | null;
  readonly attempts: number;
  /** Newest first. */
  readonly history: readonly DeliveryAttempt[];
  readonly createdAtMs: number;
  readonly settledAtMs: number | null;
};

/** A delivery as it is planned with its news. */
export type NewDelivery = Pick<Delivery, "id" | "destinationId" | "dueAtMs"> & { readonly state: "waiting" | "held" };

export type StoredNews = { readonly news: Notification; readonly deliveries: readonly NewDelivery[] };

/** What is needed to try a delivery. */
export type OpenDelivery = {
  readonly delivery: Delivery;
  readonly destination: NotifyDestination;
  /** One; of a digest all of its, the oldest first. */
  readonly news: readonly Notification[];
};

export type NotificationFilterAsked = {
  readonly kind?: NotificationKind | undefined;
  readonly severity?: NotificationSeverity | undefined;
  readonly sku?: string | undefined;
  /** At or after, before (epoch ms). */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit: number;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
};

export interface NotificationStore {
  /** News that is known already makes no deliveries. @returns ids of those that are new */
  put(stored: readonly StoredNews[], queuedUntilMs: number, nowMs: number): Promise<ReadonlySet<string>>;
  /** Null: there is none, or its destination is gone. */
  open(deliveryId: string): Promise<OpenDelivery | null>;
  /** Of one that still waits; false: it was settled meanwhile. */
  settle(
    delivery: Pick<Delivery, "id" | "destinationId">,
    after: {
      readonly state: "waiting" | "sent" | "given_up";
      readonly dueAtMs: number;
      readonly queuedUntilMs: number;
      readonly attempt: DeliveryAttempt | null;
      readonly failingSinceMs: number | null;
      readonly failures: number;
      readonly disable: string | null;
    },
    nowMs: number,
  ): Promise<boolean>;
  /** Waiting ones that are due and of which no message is under way; they count as queued from then on. */
  takeDue(limit: number, queuedUntilMs: number, nowMs: number): Promise<readonly string[]>;
  /** Makes one digest per destination of what is held and due. @returns how many */
  formDigests(itemsMax: number, newId: () => string, nowMs: number): Promise<number>;
  /** A settled one is tried again, from its first pause on. Null: there is none that is settled. */
  resend(deliveryId: string, audit: AuditEntry, queuedUntilMs: number, nowMs: number): Promise<Delivery | null>;
  /** Newest first. */
  list(
    asked: NotificationFilterAsked,
  ): Promise<{ readonly news: readonly Notification[]; readonly nextCursor: string | null }>;
  get(id: string): Promise<{ readonly news: Notification; readonly deliveries: readonly Delivery[] } | null>;
  deliveriesOf(
    destinationId: string,
    page: Pick<NotificationFilterAsked, "limit" | "cursor">,
  ): Promise<{ readonly deliveries: readonly Delivery[]; readonly nextCursor: string | null }>;
  prune(beforeMs: number): Promise<void>;
}

export type DestinationDraft = Pick<
  NotifyDestination,
  "id" | "type" | "name" | "address" | "filter" | "digestMinutes" | "quietHours"
>;

/** What a destination's type stores sealed, and under which name. */
export type GivenSecret = { readonly name: string; readonly sealed: Sealed };

export interface NotifyDestinationStore {
  list(): Promise<readonly NotifyDestination[]>;
  get(id: string): Promise<NotifyDestination | null>;
  /** @returns null: there is one of this id, and it stays as it is */
  create(
    draft: DestinationDraft,
    secret: GivenSecret | null,
    audit: AuditEntry,
    nowMs: number,
  ): Promise<NotifyDestination | null>;
  /** Create or replace; `secret` null: what it has stays. */
  put(
    draft: DestinationDraft,
    secret: GivenSecret | null,
    audit: AuditEntry,
    nowMs: number,
  ): Promise<NotifyDestination>;
  /** Its deliveries that wait are given up with it. */
  remove(id: string, audit: AuditEntry, nowMs: number): Promise<boolean>;
  enable(id: string, audit: AuditEntry, nowMs: number): Promise<NotifyDestination | null>;
  /** Newest first; those before it while they last. */
  secrets(id: string, name: string, nowMs: number): Promise<readonly Sealed[]>;
  addSecret(
    id: string,
    name: string,
    sealed: Sealed,
    keepOldUntilMs: number,
    audit: AuditEntry,
    nowMs: number,
  ): Promise<void>;
  /** Every secret, for sealing anew. */
  sealed(): Promise<readonly SealedSecret[]>;
  /** Only upon what was read: one that was rotated meanwhile stays. */
  reseal(secret: SealedSecret, sealed: Sealed): Promise<void>;
}

export type SealedSecret = {
  readonly destinationId: string;
  readonly name: string;
  readonly version: number;
  readonly sealed: Sealed;
};
