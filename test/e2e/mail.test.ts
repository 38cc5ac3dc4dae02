/**
 * E-mail through the runtime's own send_email binding, which writes mails to files instead of sending them: from the news on the
 * queue to the mail, and what a binding says that may not send.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OnhandClient, onhandClient } from "../../dev/cli/client.ts";
import { applyMigrations } from "../../dev/stack/apply-migrations.ts";
import { buildWorker } from "../../dev/stack/build-worker.ts";
import { type LocalWorker, startWorker } from "../../dev/stack/worker.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const TOKEN = "an-admin-token-of-this-test";
const FROM = "onhand@shop.example.com";
const TO = "ops@example.com";

type Mail = { readonly head: readonly string[]; readonly text: string };
type Delivery = {
  readonly state: string;
  readonly history: readonly { readonly outcome: string; readonly reason: string | null; readonly status: null }[];
};

let dir: string;
let bundle: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "onhand-mail-"));
  bundle = await buildWorker(ROOT, join(dir, "bundle"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let worker: LocalWorker;
let client: OnhandClient;
let mails: Mail[];

async function start(settings: Readonly<Record<string, string>>, mailTo?: readonly string[]): Promise<void> {
  mails = [];
  worker = await startWorker({
    ...{ root: ROOT, bundle, port: 0, persistDir: mkdtempSync(join(dir, "state-")), callerHandlesSignals: false },
    ...(mailTo === undefined ? {} : { mailTo }),
    onLog: (line) => void (line.includes("send_email binding") && mails.push(mailOf(line))),
    bindings: {
      ...{ ENVIRONMENT: "development", SHOPIFY_SHOPS: "", ADMIN_TOKEN: TOKEN, SHOPIFY_CLIENT_ID: "none" },
      ...{ SHOPIFY_CLIENT_SECRET: "no secret of a shop", CHANNEL_KEY: "dGVzdC1rZXktb2YtY2hhbm5lbHMtMzItYnl0ZXMhISE=" },
      ...settings,
    },
  });
  client = onhandClient(worker.url, TOKEN);
  await applyMigrations((await worker.bindings()).DB, join(ROOT, "migrations"));
}

/** "…called with MessageBuilder:", one line for each header, and the paths of what is in it. */
function mailOf(said: string): Mail {
  const [, head = "", files = ""] = /MessageBuilder:\n([\s\S]*?)\n\n([\s\S]*)$/.exec(said) ?? [];
  const path = /^Text: (.+)$/m.exec(files)?.[1];
  return { head: head.split("\n"), text: path === undefined ? "" : readFileSync(path, "utf8") };
}

async function until<Value>(read: () => Promise<Value> | Value, isSo: (value: Value) => boolean): Promise<Value> {
  for (const deadlineMs = Date.now() + 20_000; ; ) {
    const value = await read();
    if (isSo(value)) return value;
    if (Date.now() > deadlineMs) throw new Error(`it did not come to that: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const put = (id: string, changes: object = {}): Promise<unknown> =>
  client.call("PUT", `/v1/destinations/${id}`, { type: "email", address: TO, name: "Ops", ...changes });
const deliveriesOf = async (id: string): Promise<readonly Delivery[]> =>
  (await client.call<{ deliveries: readonly Delivery[] }>("GET", `/v1/destinations/${id}/deliveries`)).deliveries;
/** A queue that lags, as the minute tells of it. */
async function alert(id: string, subject: string): Promise<void> {
  await (await worker.queue("NOTIFICATIONS")).send({
    ...{ v: 1, kind: "alert", id, alert: "queue_lag", subject, change: "fired", severity: "high", value: 27 },
    ...{ threshold: 30, unit: "s", text: "Größer als sonst: “слишком” 🐌", sinceMs: 1, atMs: Date.now() },
  });
}

describe("e-mail", () => {
  beforeAll(() => start({ NOTIFICATIONS_FROM: FROM }));
  afterAll(() => worker.stop());
  afterEach(async () => {
    for (const { id } of (await client.call<{ destinations: { id: string }[] }>("GET", "/v1/destinations"))
      .destinations)
      await client.call("DELETE", `/v1/destinations/${id}`);
    mails.length = 0;
  });

  it("of news is one mail: from us, to its destination, in one line what it is, its text as it was told", async () => {
    await put("ops");
    await alert("a/1", "Lager Köln – 倉庫");
    await until(
      () => mails.length,
      (n) => n > 0,
    );
    const [mail] = mails;
    const subject = "Subject: Onhand: queue lag, Lager Köln – 倉庫: 27 of 30 s";
    expect(mail?.head).toEqual([`From: ${FROM}`, `To: ${TO}`, subject]);
    expect(mail?.text).toContain("queue lag, Lager Köln – 倉庫: 27 of 30 s\nGrößer als sonst: “слишком” 🐌\nwarning, ");
    const [delivery] = await until(
      () => deliveriesOf("ops"),
      ([first]) => first?.state === "sent",
    );
    expect(delivery?.history).toMatchObject([{ outcome: "told", reason: null, status: null }]);
    expect(mails).toHaveLength(1);
  });

  it("of a digest is one mail with all of it", async () => {
    await put("daily", { digestMinutes: 60 });
    await alert("a/2", "onhand-events");
    await alert("a/3", "onhand-shopify-sync");
    const { DB } = await worker.bindings();
    await until(
      () => deliveriesOf("daily"),
      (held) => held.length === 2,
    );
    await DB.exec("UPDATE deliveries SET due_at_ms = 1 WHERE state = 'held'"); // its hour is over
    await worker.scheduled("* * * * *");
    await until(
      () => mails.length,
      (n) => n > 0,
    );
    expect(mails[0]?.head).toEqual([`From: ${FROM}`, `To: ${TO}`, "Subject: Onhand: 2 notifications"]);
    for (const queue of ["onhand-events", "onhand-shopify-sync"]) expect(mails[0]?.text).toContain(`lag, ${queue}: 27`);
    expect(mails).toHaveLength(1);
  });

  it("takes no header from a title", async () => {
    await put("ops");
    await alert("a/4", "x\r\nBcc: thief@example.com\r\n\r\n<b>");
    await until(
      () => mails.length,
      (n) => n > 0,
    );
    const subject = "Subject: Onhand: queue lag, x Bcc: thief@example.com <b>: 27 of 30 s";
    expect(mails[0]?.head).toEqual([`From: ${FROM}`, `To: ${TO}`, subject]);
  });
});

describe("a deployment that cannot send", () => {
  afterEach(() => worker.stop());

  it("to that address notes a failed try that says so, and tries again", async () => {
    await start({ NOTIFICATIONS_FROM: FROM }, ["others@example.com"]);
    await put("ops");
    await alert("a/9", "onhand-events");
    const [delivery] = await until(
      () => deliveriesOf("ops"),
      ([first]) => (first?.history.length ?? 0) > 0,
    );
    expect(delivery).toMatchObject({
      state: "waiting",
      history: [{ outcome: "failed", status: null, reason: "Error: email to [email] not allowed" }],
    });
    expect(mails).toEqual([]);
  });

  it("because it has no sender's address says so", async () => {
    await start({});
    await put("ops");
    expect(await client.call("POST", "/v1/destinations/ops/test")).toMatchObject({
      told: false,
      reason: "this deployment has no sender's address: set NOTIFICATIONS_FROM",
    });
  });
});
