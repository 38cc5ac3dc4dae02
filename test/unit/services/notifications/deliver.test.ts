import { beforeEach, describe, expect, it } from "vitest";
import type { AttemptResult, RetryPolicy } from "../../../../src/domain/notification/after-attempt.ts";
import type { NotifyDestination } from "../../../../src/domain/notification/destination.ts";
import type { Notification } from "../../../../src/domain/notification/notification.ts";
import { NOT_CALLED } from "../../../../src/domain/reply-beginning.ts";
import { type DeliverDeps, deliver, type Message } from "../../../../src/services/notifications/deliver.ts";
import { notifier } from "../../../../src/services/notifications/publish.ts";
import { d1Notifications } from "../../../../src/store/d1-notifications.ts";
import { d1NotifyDestinations } from "../../../../src/store/d1-notify-destinations.ts";
import { SqliteD1 } from "../../../support/d1/sqlite-d1.ts";
import { destination, news } from "../../../support/notifications.ts";

const POLICY: RetryPolicy = {
  pausesMs: [1_000, 10_000, 3_600_000],
  ...{ unknownWaitMs: 300_000, disableAfterMs: 50_000, disableAfterFailures: 3 },
};
const QUEUED_MS = 120_000;
const TOLD: AttemptResult = { kind: "told", status: 200, reply: "thanks", ms: 84 };
const AUDIT = { atMs: 0, actor: "admin", action: "destination.put", subject: "x", correlationId: "c", detail: {} };

let d1: SqliteD1;
let nowMs: number;
/** An error is thrown. */
let answers: (AttemptResult | Error)[];
let sent: { readonly to: string; readonly message: Message }[];
let queued: { readonly id: string; readonly delaySeconds: number }[];
let isQueueAway: boolean;
beforeEach(() => {
  d1 = new SqliteD1();
  [nowMs, answers, sent, queued, isQueueAway] = [1_000, [], [], [], false];
});

const store = () => d1Notifications(d1.db);
const put = (changes: Partial<NotifyDestination> = {}) =>
  d1NotifyDestinations(d1.db).put(destination(changes), null, AUDIT as never, nowMs);
const publisher = () =>
  notifier({
    store: store(),
    destinations: () => d1NotifyDestinations(d1.db).list(),
    async queue(ids) {
      if (isQueueAway) throw new Error("the queue is away");
      queued.push(...ids.map((id) => ({ id, delaySeconds: 0 })));
    },
    ...{ queuedMs: QUEUED_MS, log: () => {}, meter: { count: () => {}, observe: () => {} }, nowMs: () => nowMs },
  });
const publish = (...given: readonly Notification[]) => publisher().publish(given);
const deps = (): DeliverDeps => ({
  store: store(),
  async send(to, message) {
    sent.push({ to: to.id, message });
    const answer = answers.shift() ?? TOLD;
    if (answer instanceof Error) throw answer;
    return answer;
  },
  async queueAgain(id, delaySeconds) {
    if (isQueueAway) throw new Error("the queue is away");
    queued.push({ id, delaySeconds });
  },
  ...{ notifier: publisher(), policy: POLICY, queuePauseMsMax: 900_000, queuedMs: QUEUED_MS },
  ...{ log: () => {}, meter: { count: () => {}, observe: () => {} }, nowMs: () => nowMs, random: () => 0 },
});
/** As the queue does: each message that is due. */
async function deliverAll(): Promise<void> {
  for (const { id } of queued.splice(0)) await deliver(id, deps());
}
const failed = (reason = "HTTP_503", retryAfterSeconds: number | null = null): AttemptResult => ({
  ...{ kind: "failed", reason, retryAfterSeconds, status: 503, reply: "down", ms: 31 },
});
const minute = async (): Promise<void> => {
  await store().formDigests(100, () => crypto.randomUUID(), nowMs);
  const due = await store().takeDue(200, nowMs + QUEUED_MS, nowMs);
  queued.push(...due.map((id) => ({ id, delaySeconds: 0 })));
};

describe("news", () => {
  it("is told to each destination that takes it, once, however often it is handed in and its message comes", async () => {
    await put();
    await put({ id: "night", filter: { ...destination().filter, minSeverity: "critical" } });
    await publish(news(), news());
    await publish(news());
    queued.push(...queued);
    await deliverAll();
    expect(sent.map(({ to }) => to)).toEqual(["ops"]);
    expect((await store().get(news().id))?.deliveries).toMatchObject([{ state: "sent", attempts: 1 }]);
  });

  it("of before a destination was made is not told to it when it is handed in again", async () => {
    await publish(news());
    await put();
    await publish(news());
    expect(queued).toEqual([]);
  });

  it("is told although the queue refused it: the minute finds its row, and not sooner than its message may be under way", async () => {
    await put();
    isQueueAway = true;
    await publish(news());
    isQueueAway = false;
    nowMs += QUEUED_MS - 1;
    await minute();
    expect(queued).toEqual([]);
    nowMs += 1;
    await minute();
    await deliverAll();
    expect(sent).toHaveLength(1);
  });
});

describe("a delivery that fails", () => {
  it("is tried again after growing pauses, under the same id, and then given up", async () => {
    await put();
    answers = [failed(), failed(), failed("HTTP_500"), failed()];
    await publish(news());
    await deliverAll();
    expect(queued).toMatchObject([{ delaySeconds: 1 }]);
    nowMs += 1_000;
    await deliverAll();
    expect(queued).toMatchObject([{ delaySeconds: 10 }]);
    nowMs += 10_000;
    await deliverAll();
    expect(queued).toEqual([]); // an hour is the minute's affair
    await minute();
    expect(queued).toEqual([]);
    nowMs += 3_600_000;
    await minute();
    await deliverAll();
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
    const { deliveries: [delivery] = [] } = (await store().get(news().id)) ?? {};
    expect(delivery).toMatchObject({ state: "given_up", attempts: 4 });
    expect(delivery?.history.map(({ reason }) => reason)).toEqual(["HTTP_503", "HTTP_500", "HTTP_503", "HTTP_503"]);
  });

  it("keeps what each try was answered, or why it was not, and how long it took; no secret and nobody's address", async () => {
    await put();
    answers = [
      failed(),
      new Error("cannot reach https://hooks.example.com/T0/kept-to-myself?token=abc as jo@example.com"),
    ];
    await publish(news());
    for (const passMs of [0, 1_000, 10_000]) {
      nowMs += passMs;
      await deliverAll();
    }
    const { deliveries } = await store().deliveriesOf("ops", { limit: 1 });
    expect(deliveries[0]?.history).toEqual([
      { atMs: 12_000, outcome: "told", reason: null, status: 200, reply: "thanks", ms: 84 },
      { atMs: 2_000, outcome: "failed", ...NOT_CALLED, reason: expect.any(String) },
      { atMs: 1_000, outcome: "failed", reason: "HTTP_503", status: 503, reply: "down", ms: 31 },
    ]);
    expect(deliveries[0]?.history[1]?.reason).toBe("Error: cannot reach https://hooks.example.com/… as [email]");
  });

  it("waits as long as its receiver asks, and spends no try while its breaker is open", async () => {
    await put();
    answers = [failed("HTTP_429", 60), { kind: "wait", untilMs: 100_000, reason: "open" }];
    await publish(news());
    await deliverAll();
    expect(queued).toMatchObject([{ delaySeconds: 60 }]);
    nowMs += 60_000;
    await deliverAll();
    expect(queued).toMatchObject([{ delaySeconds: 39 }]);
    expect((await store().get(news().id))?.deliveries).toMatchObject([{ attempts: 1, state: "waiting" }]);
  });

  it("is resent when a person asks for it, and only once it is settled", async () => {
    await put();
    answers = [{ kind: "gone", reason: "the receiver answered 410", ...NOT_CALLED }];
    await publish(news());
    const [message] = queued;
    expect(await store().resend(message?.id ?? "", AUDIT as never, 0, nowMs)).toBeNull();
    await deliverAll();
    await d1NotifyDestinations(d1.db).enable("ops", AUDIT as never, nowMs);
    expect(await store().resend(message?.id ?? "", AUDIT as never, 0, nowMs)).toMatchObject({ state: "waiting" });
    await minute();
    await deliverAll();
    expect((await store().get(news().id))?.deliveries).toMatchObject([{ state: "sent" }]);
  });
});

describe("a destination", () => {
  it("that answers 410 is disabled at once, the others hear of it, and it is told no more", async () => {
    await put();
    await put({ id: "second" });
    answers = [{ kind: "gone", reason: "the receiver answered 410", ...NOT_CALLED }];
    await publish(news());
    await deliverAll();
    await deliverAll();
    const { news: all } = await store().list({ limit: 10 });
    expect(all.map(({ kind }) => kind)).toContain("destination.disabled");
    expect(sent.filter(({ to }) => to === "second")).toHaveLength(2);
    await publish(news({ id: "low/sku_2/1" }));
    await deliverAll();
    expect(sent.filter(({ to }) => to === "ops")).toHaveLength(1);
    expect(await d1NotifyDestinations(d1.db).get("ops")).toMatchObject({ state: "disabled" });
  });

  it("that fails for long is disabled, and a success in between begins anew", async () => {
    await put();
    answers = [failed(), failed(), TOLD, failed()];
    await publish(news());
    for (const passMs of [0, 1_000, 10_000]) {
      nowMs += passMs;
      await deliverAll();
    }
    nowMs += 60_000;
    await publish(news({ id: "2" }));
    await deliverAll();
    expect(await d1NotifyDestinations(d1.db).get("ops")).toMatchObject({ state: "enabled", failures: 1 });
    answers = [failed(), failed(), failed()];
    nowMs += 60_000;
    await deliverAll();
    nowMs += 10_000;
    await deliverAll();
    expect(await d1NotifyDestinations(d1.db).get("ops")).toMatchObject({ state: "disabled", failures: 3 });
  });

  it("with a digest is told once of all that came, and what is critical at once", async () => {
    await put({ digestMinutes: 10 });
    nowMs = 61_000;
    await publish(news({ id: "1", atMs: 2 }), news({ id: "2", atMs: 1 }));
    await publish(news({ id: "3", severity: "critical" }));
    await deliverAll();
    expect(sent.map(({ message }) => message.news.map(({ id }) => id))).toEqual([["3"]]);
    nowMs = 599_000;
    await minute();
    expect(queued).toEqual([]);
    nowMs = 600_000;
    await minute();
    await minute();
    await deliverAll();
    expect(sent.map(({ message }) => message.news.map(({ id }) => id))).toEqual([["3"], ["2", "1"]]);
    expect((await store().get("1"))?.deliveries).toMatchObject([{ state: "sent" }]);
  });

  it("in its quiet hours is told at their end", async () => {
    await put({ quietHours: { from: "22:00", to: "07:00", timeZone: "UTC" } });
    nowMs = Date.UTC(2026, 10, 28, 23);
    await publish(news({ id: "1" }), news({ id: "2", severity: "critical" }));
    await deliverAll();
    expect(sent.flatMap(({ message }) => message.news.map(({ id }) => id))).toEqual(["2"]);
    nowMs = Date.UTC(2026, 10, 29, 7);
    await minute();
    await deliverAll();
    expect(sent.flatMap(({ message }) => message.news.map(({ id }) => id))).toEqual(["2", "1"]);
  });
});
