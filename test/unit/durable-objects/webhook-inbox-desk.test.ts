import { expect, it } from "vitest";
import { WEBHOOK_INBOX_SCHEMA, WebhookInboxDesk } from "../../../durable-objects/webhook-inbox-desk.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const DAY_MS = 86_400_000;

function inbox() {
  const storage = new SqliteObjectStorage(WEBHOOK_INBOX_SCHEMA);
  const clock = { nowMs: 1_800_000_000_000 };
  const begin = () => new WebhookInboxDesk({ storage, keptMs: 7 * DAY_MS, now: () => clock.nowMs });
  const rows = () => storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM taken").one().n;
  return { clock, begin, rows, desk: begin() };
}

it("knows an id again, in its next life too, and whether its body is the same", () => {
  const { desk, begin } = inbox();
  expect(desk.look("msg_1", "aa")).toBe("never");
  desk.note("msg_1", "aa");
  expect([begin().look("msg_1", "aa"), begin().look("msg_1", "bb")]).toEqual(["same_body", "other_body"]);
});

it("keeps the first body of an id", () => {
  const { desk } = inbox();
  desk.note("msg_1", "aa");
  desk.note("msg_1", "bb");
  expect(desk.look("msg_1", "aa")).toBe("same_body");
});

it("forgets what is older than a week, some with each that comes", () => {
  const { desk, clock, rows } = inbox();
  for (let i = 0; i < 10; i += 1) desk.note(`old_${i}`, "aa");
  clock.nowMs += 7 * DAY_MS + 1;
  for (let i = 0; i < 3; i += 1) desk.note(`new_${i}`, "aa");
  expect(rows()).toBe(3);
  expect(desk.look("old_9", "aa")).toBe("never");
});
