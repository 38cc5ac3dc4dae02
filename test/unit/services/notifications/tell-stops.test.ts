/** What is stopped first and told of afterwards: a crash, or a database that was away in between, must not keep it secret. */
import { beforeEach, expect, it } from "vitest";
import { type ChannelId, fromStore } from "../../../../src/domain/ids.ts";
import { notifier } from "../../../../src/services/notifications/publish.ts";
import { BY_RECEIVER, tellStops } from "../../../../src/services/notifications/tell-stops.ts";
import { d1Channels } from "../../../../src/store/d1-channels.ts";
import { d1Notifications } from "../../../../src/store/d1-notifications.ts";
import { d1NotifyDestinations } from "../../../../src/store/d1-notify-destinations.ts";
import { d1UntoldStops } from "../../../../src/store/d1-untold-stops.ts";
import { channelDraft, WMS } from "../../../support/channels/draft.ts";
import { SqliteD1 } from "../../../support/d1/sqlite-d1.ts";
import { destination } from "../../../support/notifications.ts";

const AUDIT = { atMs: 0, actor: "admin", action: "destination.put", subject: "x", correlationId: "c", detail: {} };
const DAY_MS = 86_400_000;
const GONE = "its receiver answered 410 Gone";

let d1: SqliteD1;
let stored: string[];
beforeEach(() => {
  [d1, stored] = [new SqliteD1(), []];
});

const publisher = () =>
  notifier({
    store: d1Notifications(d1.db),
    destinations: () => d1NotifyDestinations(d1.db).list(),
    queue: async (ids) => void stored.push(...ids),
    ...{ queuedMs: 1, log: () => {}, meter: { count: () => {}, observe: () => {} }, nowMs: () => 5_000 },
  });
const minute = (nowMs: number) =>
  tellStops({ stops: d1UntoldStops(d1.db), notifier: publisher(), ageMsMax: DAY_MS }, nowMs);
const toldOf = async (): Promise<readonly string[]> => {
  const { news } = await d1Notifications(d1.db).list({ limit: 50 } as never);
  return news.map(({ id }) => id).toSorted();
};

/** The pause is stored, and the invocation ends before its news are. */
async function pausedBy(actor: string, atMs: number, id = WMS): Promise<void> {
  await d1Channels(d1.db).put(channelDraft({ id }), null, null, 1);
  await d1Channels(d1.db).setState(id, "paused", { reason: GONE, actor }, atMs);
}

it("tells once of a channel that its receiver has left, although whoever paused it was cut off before he said so", async () => {
  await d1NotifyDestinations(d1.db).put(destination(), null, AUDIT as never, 1);
  await pausedBy(BY_RECEIVER, 1_000);
  await minute(61_000);
  await minute(121_000);
  expect(await toldOf()).toEqual([`channel.failing/${WMS}/1000`]);
  expect(stored).toHaveLength(1);
});

it("tells once of a destination that was disabled, to the others", async () => {
  await d1NotifyDestinations(d1.db).put(destination(), null, AUDIT as never, 1);
  await d1NotifyDestinations(d1.db).put(destination({ id: "left" }), null, AUDIT as never, 1);
  await d1.db.prepare("UPDATE notify_destinations SET state = 'disabled', state_at_ms = 2000 WHERE id = 'left'").run();
  await minute(61_000);
  await minute(121_000);
  expect(await toldOf()).toEqual(["destination.disabled/left/2000"]);
  expect(stored).toHaveLength(1);
});

it("has nothing to say of an operator's pause, and of what stopped longer than a day ago", async () => {
  await pausedBy("admin", 1_000);
  await pausedBy(BY_RECEIVER, 1_000, fromStore<ChannelId>("long-ago"));
  await minute(1_001 + DAY_MS);
  expect(await toldOf()).toEqual([]);
});
