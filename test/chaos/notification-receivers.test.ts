/** Who is told of news refuses them, wants no more, or hears of them together: each piece of news reaches it once. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { askFor } from "./support/asked.ts";
import { broken } from "./support/broken.ts";
import { another, deliveriesOf, heard, KINDS, letPausesPass, TOLD_MS_MAX, untilHeard } from "./support/heard.ts";
import { tradingWorld } from "./support/trading.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = tradingWorld({ seed: 98, skus: 12 });

describe("a receiver of notifications", () => {
  it("leads elsewhere, fails and says when to come again, then answers without end: nobody follows, waits or reads on, and it has each once", async () => {
    const trading = world();
    const { sink } = trading;
    const sku = trading.sku();
    const ids: string[] = [];
    const answers = [302, 503];
    let elsewhere = 0;
    const odd = createServer((request, response) => {
      request.resume();
      if (request.url === "/elsewhere") elsewhere += 1;
      ids.push(String(request.headers["webhook-id"]));
      const status = answers.shift() ?? 200;
      if (status === 302) response.writeHead(302, { location: "/elsewhere" }).end();
      else if (status === 503) response.writeHead(503, { "retry-after": "600" }).end();
      else pour(response.writeHead(200));
    });
    await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => [odd.close(() => resolve()), odd.closeAllConnections()]));
    const url = `http://127.0.0.1:${(odd.address() as AddressInfo).port}/hook`;
    await another(trading, "odd", [sku], { url });
    await askFor(trading, sku, 3);
    expect(await untilHeard(sink, sku)).toBe(true);
    const outcomes = async () =>
      (await deliveriesOf(trading, "odd")).flatMap(({ history }) => history.map((each) => each.reason));
    expect(await waitUntil(async () => (await outcomes()).length >= 2, TOLD_MS_MAX)).toBe(true);
    expect(await outcomes()).toEqual(expect.arrayContaining(["the receiver answered 302", "HTTP_503"]));
    const [late] = (await deliveriesOf(trading, "odd")).filter(({ history }) => history[0]?.reason === "HTTP_503");
    expect(Date.parse(late?.dueAt ?? "")).toBeGreaterThan(Date.now() + 500_000);
    await trading.call("POST", "/v1/breakers/notify/odd/release");
    await letPausesPass(trading);
    const isTold = async () => (await deliveriesOf(trading, "odd")).every(({ state }) => state === "sent");
    expect(await waitUntil(isTold, TOLD_MS_MAX)).toBe(true);
    expect(new Set(ids).size).toBe(KINDS.length);
    expect(elsewhere).toBe(0);
    await trading.nothingIsLost();
  });

  it("wants nothing more (410), and D1 is away as that becomes news: the others hear of it, and enabled and resent it has all", async () => {
    const trading = world();
    const { calm, sink } = trading;
    const sku = trading.sku();
    const left = await another(trading, "left", [sku]);
    left.receiver.behaviour = { kind: "refuse", status: 410 };
    const stored = { where: "DB", what: "batch", about: '"destination.disabled', how: "refuse" } as const;
    const mend = await broken(calm, { ...stored, times: 1 });
    await askFor(trading, sku, 3);
    expect(await untilHeard(sink, sku)).toBe(true);
    const disabled = () => sink.of("destination.disabled").filter(({ subject }) => subject === "left");
    expect(await waitUntil(() => disabled().length > 0, TOLD_MS_MAX)).toBe(true);
    expect(await mend()).toBe(1);
    left.receiver.behaviour = { kind: "answer" };
    await trading.call("POST", "/v1/destinations/left/enable");
    const givenUp = (await deliveriesOf(trading, "left")).filter(({ state }) => state === "given_up");
    expect(givenUp.length).toBeGreaterThan(0);
    for (const { id } of givenUp) await trading.call("POST", `/v1/deliveries/${id}/resend`);
    expect(await waitUntil(() => left.of("reorder.requested", sku).length === 1, TOLD_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
    expect(disabled()).toHaveLength(1);
  });
});

/** Until the other side has heard enough. */
function pour(response: {
  write(text: string): boolean;
  destroyed: boolean;
  once(name: "drain", then: () => void): unknown;
}): void {
  if (response.destroyed) return;
  if (response.write("x".repeat(4_096))) setTimeout(() => pour(response), 10);
  else response.once("drain", () => pour(response));
}

const clock = (atMs: number): string => new Date(atMs).toISOString().slice(11, 16);
const HOUR_MS = 3_600_000;

describe("a digest, and what quiet hours keep back", () => {
  it("outlast a runtime that dies before they are due, and again with their message: each piece of news is in one", async () => {
    const trading = world();
    const { calm, sink } = trading;
    const sku = trading.sku();
    const quietHours = { from: clock(Date.now() - HOUR_MS), to: clock(Date.now() + HOUR_MS), timeZone: "UTC" };
    const hourly = await another(trading, "hourly", [sku], { digestMinutes: 60 });
    const quiet = await another(trading, "quiet", [sku], { quietHours });
    await askFor(trading, sku, 3);
    expect(await untilHeard(sink, sku)).toBe(true);
    await trading.nothingIsLost();
    const states = async (id: string) => (await deliveriesOf(trading, id)).map(({ state }) => state);
    expect([await states("hourly"), await states("quiet")]).toEqual([HELD, HELD]);
    await calm.stack.crashWorker();
    const lost = await broken(calm, { where: "NOTIFICATIONS", what: "sendBatch", about: '"deliver"', how: "swallow" });
    await letPausesPass(trading);
    expect(await waitUntil(async () => (await states("quiet")).includes("waiting"), TOLD_MS_MAX)).toBe(true);
    expect(await waitUntil(async () => (await lost.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    expect([hourly.digests, quiet.digests]).toEqual([0, 0]);
    await calm.stack.crashWorker();
    await letPausesPass(trading);
    expect(await waitUntil(() => hourly.digests + quiet.digests === 2, TOLD_MS_MAX)).toBe(true);
    expect([heard(hourly, sku), heard(quiet, sku)]).toEqual([KINDS, KINDS]);
    for (const { told } of [hourly, quiet])
      expect([...told.values()].filter(({ messages }) => messages.size > 1)).toEqual([]);
    await trading.nothingIsLost({ forgets: true });
    expect([hourly.digests, quiet.digests]).toEqual([1, 1]);
  });
});

const HELD = ["held", "held"];
