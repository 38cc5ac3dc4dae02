/** An operator's webhook refuses, fails, or nobody can say whether it may be called: what goes there is late, and comes once. */
import { afterEach, describe, expect, it } from "vitest";
import type { LogLine } from "../../dev/stack/worker-log.ts";
import { DESTINATION_BREAKER } from "../../src/domain/breaker/policies.ts";
import type { Loopback } from "../support/alerts/loopback.ts";
import {
  discardPoison,
  eventsAt,
  minutesUntil,
  poison,
  startReceivers,
  type Told,
  toldTo,
} from "./support/alert-receiver.ts";
import { firedAndOver } from "./support/alerts.ts";
import { breakerOf } from "./support/breakers.ts";
import { broken } from "./support/broken.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitUntil } from "./support/wait-until.ts";

const { webhook, sentry, settings, destination } = await startReceivers();
const world = calmWorld({ seed: 68, timing: { alertMinuteMs: 60 }, settings });

afterEach(async () => {
  webhook.status = 200;
  webhook.answer = "{}";
  await discardPoison(world());
});

/** A breaker pauses for half a minute at the longest, and what waits for it comes up to half as long after. */
const TOLD_MS_MAX = 120_000;

/** Of the letters of these queues: what fired and what was over, as told to the webhook since the test began. */
function watch(): { readonly told: () => readonly string[]; readonly refused: () => number } {
  const begin = webhook.received.length;
  const since = (): Loopback => ({ ...webhook, received: webhook.received.slice(begin) });
  return {
    told: () => inWords(toldTo(since())),
    refused: () => since().received.filter(({ status }) => status !== 200).length,
  };
}

const inWords = (told: readonly Told[]): readonly string[] =>
  told.flatMap(({ alert, subject, change }) => (alert === "dead_letter_growth" ? [`${subject} ${change}`] : [])).sort();

const ONCE = ["onhand-events fired", "onhand-events recovered"];

async function trade(calm: Calm): Promise<void> {
  const sku = calm.sku();
  calm.buy([sku, 2]);
  expect(await calm.take(sku, 1)).toBe(true);
}

/** Each change once; the letters that it was about are for a person. */
async function allTold(calm: Calm, told: () => readonly string[], expected = ONCE): Promise<void> {
  await minutesUntil(calm, () => told().length >= expected.length);
  await waitUntil(() => told().length >= expected.length, TOLD_MS_MAX);
  expect(told()).toEqual(expected);
  await discardPoison(calm);
  await calm.nothingIsLost();
}

/** For how long messages were postponed, as the log has it, from now on. */
function postponedFrom({ stack }: Calm): readonly number[] {
  const delays: number[] = [];
  stack.log.onLine = ({ event, delaySeconds = 0 }: LogLine & { readonly delaySeconds?: number }) => {
    if (event === "message.postponed") delays.push(delaySeconds);
  };
  return delays;
}

const PROBE_SECONDS = DESTINATION_BREAKER.probeMsMax / 1_000;

describe("an alert's notification", () => {
  it("is delivered twice, its consumer cut off after all its work: each destination is told once", async () => {
    const calm = world();
    const { told } = watch();
    const begin = eventsAt(sentry).length;
    const consumer = { where: "consumer", what: "onhand-notifications" } as const;
    const mend = await broken(calm, { ...consumer, about: '"dead_letter_growth"', how: "lose_answer", times: 1 });
    const again = await broken(calm, { ...consumer, about: '"attempts":2', how: "late", hangMs: 0 });
    await trade(calm);
    await poison(calm);
    expect(await minutesUntil(calm, async () => (await again.struck()) > 0)).toBe(true);
    await allTold(calm, told);
    expect(await mend()).toBe(1);
    expect(told()).toEqual(ONCE);
    expect(eventsAt(sentry).slice(begin)).toHaveLength(2);
  });

  it("is refused by one destination: the others have it, and that one has it later", async () => {
    const calm = world();
    const { told, refused } = watch();
    const begin = eventsAt(sentry).length;
    webhook.status = 404;
    await trade(calm);
    await poison(calm);
    expect(await minutesUntil(calm, () => refused() > 0 && eventsAt(sentry).length > begin)).toBe(true);
    webhook.status = 200;
    await allTold(calm, told);
    expect(eventsAt(sentry).slice(begin)).toHaveLength(2);
  });

  it("is taken by one that never ends its answer: it is told, once, and the others are", async () => {
    const calm = world();
    const { told } = watch();
    const begin = eventsAt(sentry).length;
    webhook.answer = "trickle";
    await trade(calm);
    await poison(calm);
    await allTold(calm, told);
    expect(eventsAt(sentry).slice(begin)).toHaveLength(2);
    expect(await breakerOf(calm.stack.client, destination)).toBe("closed");
  });
});

describe("a destination", () => {
  it("fails; then a caller dies with its probe; then its breaker cannot be asked: what waits, on its last try, too, is not buried and comes once", async () => {
    const calm = world();
    const { told, refused } = watch();
    const delays = postponedFrom(calm);
    webhook.status = 503;
    await trade(calm);
    await poison(calm);
    const isOpen = async () => (await breakerOf(calm.stack.client, destination)) === "open";
    expect(await minutesUntil(calm, isOpen)).toBe(true);
    expect(refused()).toBeGreaterThan(2);
    // The probe passes, and whoever made it does not come to say so. The next one is half a minute later.
    const dies = await broken(calm, { where: "DESTINATION", what: "report", how: "refuse", times: 1 });
    webhook.status = 200;
    expect(await waitUntil(() => Math.max(...delays) > PROBE_SECONDS / 2, TOLD_MS_MAX)).toBe(true);
    expect(await dies()).toBe(1);
    // A message whose handler is cut off eight times comes the ninth and last time; and nobody can say whether it may go out.
    const away = await broken(calm, { where: "DESTINATION", what: "admit", how: "refuse" });
    const about = '"subject":"onhand-shopify-sync","change":"fired"';
    const tries = await broken(calm, {
      where: "consumer",
      what: "onhand-notifications",
      about,
      how: "refuse",
      times: 8,
    });
    await poison(calm, "SHOPIFY_SYNC");
    await minutesUntil(calm, async () => (await tries.struck()) > 0);
    expect(await waitUntil(async () => (await tries.struck()) === 8, TOLD_MS_MAX)).toBe(true);
    const waiting = delays.length;
    expect(await waitUntil(() => delays.length > waiting, TOLD_MS_MAX)).toBe(true);
    expect(await away()).toBeGreaterThan(0);
    expect(await tries()).toBe(8);
    await allTold(calm, told, [...ONCE, "onhand-shopify-sync fired", "onhand-shopify-sync recovered"]);
    const changes = await firedAndOver(calm.stack.client, "breaker_open", TOLD_MS_MAX);
    expect(changes.map(({ subject }) => subject)).toContain(destination);
  });
});

/** What is nobody's business, as an error's message may carry it. */
const PRIVATE = [
  "norman.bates@example.com",
  "shpat_0123456789abcdef0123456789abcdef",
  "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
  "4242 4242 4242 4242",
];

describe("Sentry", () => {
  it("gets an error whose message carries what is private, without it", async () => {
    const calm = world();
    const saying = `rules were not spread for ${PRIVATE.join(", ")}`;
    const mend = await broken(calm, { where: "DB", about: "FROM word_revision", how: "refuse", saying, times: 1 });
    await trade(calm);
    const isError = (event: object): boolean => JSON.stringify(event).includes("rules were not spread");
    expect(await minutesUntil(calm, () => eventsAt(sentry).some(isError))).toBe(true);
    expect(await mend()).toBe(1);
    const [event] = eventsAt(sentry).filter(isError);
    expect(event).toMatchObject({ level: "error", environment: "development" });
    const { adminToken, redis, shopify } = calm.stack.file;
    const secrets = [
      ...PRIVATE,
      adminToken,
      redis.token,
      shopify.webhookSecret,
      settings["ALERT_WEBHOOK_SECRET"] ?? "",
    ];
    const all = sentry.received.map(({ body }) => body).join();
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
    expect(all).not.toMatch(/bates|shpat_|eyJ|4242/i);
    await calm.nothingIsLost();
  });
});
