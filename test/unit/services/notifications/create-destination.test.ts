import { beforeEach, describe, expect, it } from "vitest";
import { TAKES_ALL } from "../../../../src/domain/notification/destination.ts";
import { secretBox } from "../../../../src/services/channels/secret-box.ts";
import {
  type CreateDestinationDeps,
  createDestination,
  type NewDestination,
} from "../../../../src/services/notifications/create-destination.ts";
import { putDestination } from "../../../../src/services/notifications/manage-destinations.ts";
import { d1NotifyDestinations } from "../../../../src/store/d1-notify-destinations.ts";
import { SqliteD1 } from "../../../support/d1/sqlite-d1.ts";

const BY = { actor: "admin", correlationId: "c" as never };
const DRAFT: NewDestination = {
  ...{ type: "webhook", name: "Ops", address: "https://hooks.example.com/1", digestMinutes: null },
  filter: { ...TAKES_ALL, kinds: ["inventory.*"] },
  quietHours: { from: "22:00", to: "07:00", timeZone: "Europe/Berlin" },
};
const SLACK: NewDestination = { ...DRAFT, type: "slack", address: "hooks.slack.example.com" };
const SLACK_URL = "https://hooks.slack.example.com/services/T0/B0/x";
const BOX = secretBox(["dGVzdC1rZXktb2YtY2hhbm5lbHMtMzItYnl0ZXMhISE="]);

/** 1, 2, 3 … */
function numbers(): () => number {
  let n = 0;
  return () => {
    n += 1;
    return n;
  };
}

let d1: SqliteD1;
let deps: CreateDestinationDeps;
beforeEach(() => {
  d1 = new SqliteD1();
  const [secrets, suffixes] = [numbers(), numbers()];
  deps = {
    store: d1NotifyDestinations(d1.db),
    box: () => BOX,
    mint: () => `whsec_${secrets()}`,
    randomSuffix: () => `0000000${suffixes()}`,
    ...{ ownerOf: (id) => `notify/${id}`, destinationsMax: 3, nowMs: () => 1_000 },
  };
});

const create = (key: string | null = null, draft = DRAFT, url: string | null = null, by = BY) =>
  createDestination(draft, url, key, by, deps);
/** What it signs with. */
const secretsOf = async (id: string) =>
  Promise.all(
    (await deps.store.secrets(id, "signing", 1_000)).map(
      async (each) => (await BOX.open(`notify/${id}`, "signing", each))?.secret,
    ),
  );
const ids = async () => (await deps.store.list()).map(({ id }) => id);

describe("making a destination", () => {
  it("makes one with each call that has no key, and tells a webhook's secret", async () => {
    expect(await create()).toMatchObject({ kind: "created", destination: { id: "ops-00000001" }, secret: "whsec_1" });
    expect(await create()).toMatchObject({ kind: "created", destination: { id: "ops-00000002" }, secret: "whsec_2" });
    expect(await secretsOf("ops-00000002")).toEqual(["whsec_2"]);
  });

  it("makes one with each key of a caller, however often it is asked for, and tells its secret once", async () => {
    const first = await create("k");
    expect(first.kind).toBe("created");
    const again = await create("k");
    expect(again).toMatchObject({ kind: "known" });
    expect(again).not.toHaveProperty("secret");
    expect(await create("k", DRAFT, null, { ...BY, actor: "till-7" })).toMatchObject({ kind: "created" });
    expect(await ids()).toHaveLength(2);
    const [id] = await ids();
    expect(await secretsOf(id ?? "")).toHaveLength(1);
  });

  it("makes one when two ask at the same moment with the same key", async () => {
    const both = await Promise.all([create("k"), create("k")]);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(["created", "known"]);
    const [id] = await ids();
    const made = both.find(({ kind }) => kind === "created");
    expect(await secretsOf(id ?? "")).toEqual([made?.kind === "created" ? made.secret : null]);
    expect(await d1.db.prepare("SELECT COUNT(*) AS n FROM audit_log").first()).toEqual({ n: 1 });
  });

  it.each([
    ["name", { ...DRAFT, name: "Other" }],
    ["filter", { ...DRAFT, filter: TAKES_ALL }],
    ["quiet hours", { ...DRAFT, quietHours: null }],
  ])("refuses a key that made one with another %s", async (_, other) => {
    await create("k");
    expect(await create("k", other)).toMatchObject({ kind: "key_reused", id: expect.stringMatching(/^ops-/) });
  });

  it("keeps Slack's address to itself, and knows it again", async () => {
    expect(await create("k", SLACK)).toEqual({ kind: "needs_url" });
    expect(await create("k", SLACK, SLACK_URL)).toMatchObject({ kind: "created", secret: null });
    expect(await create("k", SLACK, SLACK_URL)).toMatchObject({ kind: "known" });
    expect(await create("k", SLACK, `${SLACK_URL}y`)).toMatchObject({ kind: "key_reused" });
  });

  it("stops at the most that there may be, and still knows what is there", async () => {
    await create("k");
    await create();
    await putDestination({ ...DRAFT, id: "own" }, null, BY, deps);
    expect(await create()).toEqual({ kind: "too_many", max: 3 });
    expect(await create("k")).toMatchObject({ kind: "known" });
  });
});
