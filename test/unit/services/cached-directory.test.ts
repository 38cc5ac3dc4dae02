import { beforeEach, describe, expect, it } from "vitest";
import { type ChannelId, fromStore } from "../../../src/domain/ids.ts";
import { type CachedDirectory, cachedDirectory } from "../../../src/services/channels/cached-directory.ts";
import { SIGNING } from "../../../src/services/channels/channel-store.ts";
import { secretBox } from "../../../src/services/channels/secret-box.ts";
import { d1Channels } from "../../../src/store/d1-channels.ts";
import { channelDraft, WMS } from "../../support/channels/draft.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const KEY = btoa("k".repeat(32));
const OTHER = fromStore<ChannelId>("pos-2");

let d1: SqliteD1;
let nowMs: number;
let hidden: string[];
let directory: CachedDirectory;
const box = secretBox([KEY]);
const store = () => d1Channels(d1.db);

const newDirectory = (given: Partial<Parameters<typeof cachedDirectory>[0]> = {}): CachedDirectory =>
  cachedDirectory({
    ...{ store: store(), box, hide: (secrets) => void hidden.push(...secrets), nowMs: () => nowMs },
    limits: { ttlMs: 10_000, unknownTtlMs: 3_000, entriesMax: 2, timeoutMs: 50, skewMs: 100 },
    ...given,
  });

beforeEach(async () => {
  d1 = new SqliteD1();
  nowMs = 1_000;
  hidden = [];
  directory = newDirectory();
  await store().put(channelDraft(), null, await box.seal(WMS, SIGNING, "whsec_one"), nowMs);
});

describe("the directory of channels", () => {
  it("knows a channel with its secrets opened, asks once, and hides them from the logs", async () => {
    const [a, b] = await Promise.all([directory.get(WMS), directory.get(WMS)]);
    expect(a?.secrets).toEqual({ signing: ["whsec_one"], credentials: {} });
    expect(b?.channel.name).toBe("The warehouse");
    const asked = d1.asked.length;
    await directory.get(WMS);
    expect(d1.asked).toHaveLength(asked);
    expect(new Set(hidden)).toEqual(new Set(["whsec_one"]));
  });

  it("believes what it knows for a while, then looks again", async () => {
    await directory.get(WMS);
    await store().setState(WMS, "paused", { reason: "x", actor: "y" }, nowMs);
    nowMs += 9_999;
    expect((await directory.get(WMS))?.channel.state).toBe("active");
    nowMs += 1;
    expect((await directory.get(WMS))?.channel.state).toBe("paused");
  });

  it("looks at once after a change of its own", async () => {
    await directory.get(WMS);
    await store().setReadOnly(WMS, true, nowMs);
    directory.forget(WMS);
    expect((await directory.get(WMS))?.channel.readOnly).toBe(true);
  });

  it("goes on with what it knew while the database is away, and refuses to say that an unknown one does not exist", async () => {
    await directory.get(WMS);
    await directory.list();
    nowMs += 60_000;
    d1.state = "away";
    expect((await directory.get(WMS))?.channel.id).toBe(WMS);
    expect((await directory.list()).map(({ id }) => id)).toEqual([WMS]);
    await expect(directory.get(OTHER)).rejects.toThrow("away");
    await expect(newDirectory().list()).rejects.toThrow("connection lost");
  });

  it("says nothing older than the moment that was asked for, and rejects rather than that", async () => {
    await directory.list();
    await store().put(channelDraft({ id: OTHER }), null, null, nowMs);
    const receivedAtMs = nowMs;
    expect(await directory.list()).toHaveLength(1);
    expect(await directory.get(OTHER)).not.toBeNull();
    expect(await directory.list(receivedAtMs)).toHaveLength(2);
    const asked = d1.asked.length;
    nowMs += 200;
    await directory.list(receivedAtMs);
    expect(d1.asked).toHaveLength(asked + 1); // what was read in the same moment may have been read before it
    await directory.list(receivedAtMs);
    expect(d1.asked).toHaveLength(asked + 1);
    d1.state = "away";
    await expect(directory.list(nowMs)).rejects.toThrow("connection lost");
    await expect(directory.get(OTHER, nowMs)).rejects.toThrow("away a moment ago");
    expect(await directory.list(receivedAtMs)).toHaveLength(2);
    expect(await directory.list()).toHaveLength(2);
  });

  it("learns of a channel at once that it took for none, where its asker knows better", async () => {
    expect(await directory.get(OTHER)).toBeNull();
    await store().put(channelDraft({ id: OTHER }), null, null, nowMs);
    expect(await directory.get(OTHER)).toBeNull();
    expect((await directory.get(OTHER, nowMs))?.channel.id).toBe(OTHER);
  });

  it("waits for a database that hangs once, not once per request", async () => {
    d1.state = "hanging";
    await expect(directory.get(OTHER)).rejects.toThrow("no reply in time");
    const asked = d1.asked.length;
    await expect(directory.get(OTHER)).rejects.toThrow("away a moment ago");
    expect(d1.asked).toHaveLength(asked);
    d1.state = "well";
    nowMs += 3_000;
    expect(await directory.get(OTHER)).toBeNull();
  });

  it("asks again for itself while another's question is under way: whoever asked may be gone, and his answer with him", async () => {
    d1.state = "hanging";
    void directory.get(WMS).catch(() => {});
    d1.state = "well";
    expect((await directory.get(WMS))?.channel.id).toBe(WMS);
  });

  it("remembers that there is none only briefly, and names of strangers drive out no channel", async () => {
    await directory.get(WMS);
    for (const name of ["a", "b", "c", "d"]) expect(await directory.get(fromStore(name))).toBeNull();
    const asked = d1.asked.length;
    await directory.get(fromStore("d"));
    await directory.get(WMS);
    expect(d1.asked).toHaveLength(asked);
    await store().put(channelDraft({ id: OTHER }), null, await box.seal(OTHER, SIGNING, "whsec_two"), nowMs);
    await directory.get(fromStore("d"));
    nowMs += 3_000;
    expect((await directory.get(OTHER))?.secrets.signing).toEqual(["whsec_two"]);
  });

  it("gives both secrets while one is rotated, the newest first, and lets the old one go on time", async () => {
    const second = await box.seal(WMS, SIGNING, "whsec_two");
    await store().addSecret(WMS, SIGNING, second, { keepOldUntilMs: 5_000, nowMs });
    expect((await directory.get(WMS))?.secrets.signing).toEqual(["whsec_two", "whsec_one"]);
    nowMs = 5_000;
    expect((await directory.get(WMS))?.secrets.signing).toEqual(["whsec_two"]);
  });

  it("names credentials, and refuses a row that was moved from another channel, or that no key opens", async () => {
    const moved = await box.seal(OTHER, "app_secret", "theirs");
    const own = await box.seal(WMS, "app_secret", "ours to use");
    await store().addSecret(WMS, "app_secret", own, { keepOldUntilMs: nowMs, nowMs });
    expect((await directory.get(WMS))?.secrets.credentials).toEqual({ app_secret: "ours to use" });
    await expect(newDirectory({ box: null }).get(WMS)).rejects.toThrow("CHANNEL_KEY");
    await store().addSecret(WMS, "app_secret", moved, { keepOldUntilMs: nowMs, nowMs });
    await expect(newDirectory().get(WMS)).rejects.toThrow('no key opens the secret "app_secret" of wms-main');
  });
});
