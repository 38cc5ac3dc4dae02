/** Where alerts are told: an operator's webhook and Sentry, both real HTTP servers on this machine; and the quickest alert there is. */
import { afterAll, expect } from "vitest";
import { type Loopback, startLoopback } from "../../support/alerts/loopback.ts";
import type { AlertChange } from "./alerts.ts";
import { readAlerts } from "./alerts.ts";
import type { Calm } from "./calm.ts";
import { discarded, waitingLetters } from "./letters.ts";
import { waitUntil } from "./wait-until.ts";

export type Told = AlertChange & { readonly id: string; readonly severity: string };

export type Receivers = {
  readonly webhook: Loopback;
  readonly sentry: Loopback;
  /** For the stack. */
  readonly settings: Readonly<Record<string, string>>;
  /** The breaker of the webhook's host. */
  readonly destination: string;
};

/** They end with the file. */
export async function startReceivers(): Promise<Receivers> {
  const [webhook, sentry] = await Promise.all([startLoopback(), startLoopback()]);
  afterAll(() => Promise.all([webhook.close(), sentry.close()]));
  const settings = {
    ALERT_WEBHOOK_URL: `${webhook.url}/alerts`,
    ALERT_WEBHOOK_SECRET: "a secret of the operator's",
    SENTRY_DSN: sentry.url.replace("://", "://0123456789abcdef@").concat("/42"),
  };
  return { webhook, sentry, settings, destination: `webhook/${new URL(webhook.url).host}` };
}

/** What the webhook took, in its order; the same told twice is there twice. */
export const toldTo = ({ received }: Loopback): readonly Told[] =>
  received.filter(({ status }) => status === 200).map(({ body }) => (JSON.parse(body) as { data: Told }).data);

/** What Sentry took: an envelope is a line of headers, and per item a line of headers and one of content. */
export const eventsAt = ({ received }: Loopback): readonly Readonly<Record<string, unknown>>[] =>
  received
    .filter(({ status }) => status === 200)
    .map(({ body }) => JSON.parse(body.split("\n")[2] ?? "{}") as Readonly<Record<string, unknown>>);

const MINUTES_MS_MAX = 40_000;

/** Minutes pass until it is so. */
export const minutesUntil = (calm: Calm, look: () => boolean | Promise<boolean>): Promise<boolean> =>
  waitUntil(async () => {
    await calm.minute();
    return look();
  }, MINUTES_MS_MAX);

/** The newest changes of this alert and subject, oldest first. */
export async function changesOf(calm: Calm, alert: string, subject: string): Promise<readonly Told[]> {
  const { changes } = await readAlerts(calm.stack.client);
  return (changes as readonly Told[])
    .filter((change) => change.alert === alert && change.subject === subject)
    .toReversed();
}

/** A message of no shape: its letter makes `dead_letter_growth` fire for that queue. */
export async function poison(calm: Calm, binding: "EVENTS" | "SHOPIFY_SYNC" = "EVENTS"): Promise<void> {
  const { worker, client } = calm.stack;
  // Growth is seen from one evaluation to the next.
  await minutesUntil(calm, async () => (await readAlerts(client)).evaluatedAt !== null);
  await (await worker.queue(binding)).send({ poison: true });
}

/** As a person would who has looked at them, and found nothing else among them. */
export async function discardPoison(calm: Calm): Promise<void> {
  const { client } = calm.stack;
  const letters = await waitingLetters(client);
  expect(letters.filter(({ code }) => code !== "unreadable")).toEqual([]);
  await discarded(client, letters);
}
