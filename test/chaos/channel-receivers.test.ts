/** A channel's receiver refuses, hangs, wants to be left alone or nothing more: what it is owed waits, and it is told once. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { MARKETPLACE } from "../../dev/demo/day/day.ts";
import { untilClosed, untilOpen } from "./support/breakers.ts";
import { broken } from "./support/broken.ts";
import { replay, untilDead, untilSettled } from "./support/replays.ts";
import { type Trading, tradingWorld } from "./support/trading.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = tradingWorld({ seed: 92, skus: 24 });

const TOLD_MS_MAX = 30_000;
const BREAKER = `channel/${MARKETPLACE}`;

afterEach(() => {
  for (const { receiver } of [world().marketplace, world().wms]) receiver.behaviour = { kind: "answer" };
});

/** Somebody else sells it: the marketplace has to be told. @returns whether it came to show what is left */
async function soldElsewhere({ calm }: Trading, sku: string, quantity: number): Promise<void> {
  expect(await calm.take(sku, quantity, calm.place(0))).toBe(true);
}

const untilShown = ({ marketplace }: Trading, sku: string, units: number): Promise<boolean> =>
  waitUntil(() => marketplace.shown(sku) === units, TOLD_MS_MAX);

const shown = ({ marketplace }: Trading, sku: string): number => marketplace.shown(sku) ?? 0;

/** What happens while it is paused is told together when it goes on. */
async function inOneCall(trading: Trading, act: () => Promise<void>): Promise<void> {
  const path = `/v1/channels/${MARKETPLACE}`;
  onTestFinished(() => trading.call("POST", `${path}/resume`).then(() => {}));
  await trading.call("POST", `${path}/pause`, { reason: "to gather calls" });
  await act();
  await trading.call("POST", `${path}/resume`);
}

describe("a receiver of levels", () => {
  it("refuses until its breaker opens, hangs, then takes them and loses its answer: it shows what is left, told again under the same id", async () => {
    const trading = world();
    const { calm, marketplace } = trading;
    const [sku, other] = [trading.sku(), trading.sku()];
    const before = shown(trading, sku);
    const { repeated } = marketplace.receiver.stats;
    marketplace.receiver.behaviour = { kind: "refuse", status: 500 };
    await soldElsewhere(trading, sku, 2);
    await untilOpen(calm.stack.client, BREAKER);
    expect(shown(trading, sku)).toBe(before);
    marketplace.receiver.behaviour = { kind: "hang", times: 1 };
    expect(await waitUntil(() => marketplace.receiver.behaviour.kind === "answer", TOLD_MS_MAX)).toBe(true);
    marketplace.receiver.behaviour = { kind: "lose_answer", times: 1 };
    expect(await untilShown(trading, sku, before - 2)).toBe(true);
    // One answer may be luck: the breaker wants another one before it closes.
    await soldElsewhere(trading, other, 1);
    await untilClosed(calm.stack.client, BREAKER);
    await trading.nothingIsLost();
    expect(marketplace.receiver.stats.repeated).toBeGreaterThan(repeated);
  });

  it("answers 429 and when to come again: it is left alone until then, and told once", async () => {
    const trading = world();
    const { marketplace } = trading;
    const sku = trading.sku();
    const before = shown(trading, sku);
    marketplace.receiver.behaviour = { kind: "refuse", status: 429, retryAfterSeconds: 5, times: 1 };
    await soldElsewhere(trading, sku, 1);
    expect(await waitUntil(() => marketplace.receiver.behaviour.kind === "answer", TOLD_MS_MAX)).toBe(true);
    const { requests } = marketplace.receiver.stats;
    await sleep(3_000);
    expect(marketplace.receiver.stats.requests).toBe(requests);
    expect(await untilShown(trading, sku, before - 1)).toBe(true);
    await trading.nothingIsLost();
  });

  it("does not know its secret yet: what it is owed waits, and is told once it does; nothing becomes a dead letter", async () => {
    const trading = world();
    const { marketplace } = trading;
    const sku = trading.sku();
    const before = shown(trading, sku);
    marketplace.receiver.behaviour = { kind: "refuse", status: 401, times: 2 };
    await soldElsewhere(trading, sku, 1);
    expect(await untilShown(trading, sku, before - 1)).toBe(true);
    expect(marketplace.receiver.stats.disturbed).toBeGreaterThanOrEqual(2);
    await trading.nothingIsLost();
  });

  it("finds a call too large, then one item wrong: halves find that one, a letter names it, the others are told", async () => {
    const trading = world();
    const { calm, marketplace } = trading;
    const skus = Array.from({ length: 4 }, () => trading.sku());
    const [wrong = "", ...others] = skus;
    const before = new Map(skus.map((sku) => [sku, shown(trading, sku)]));
    const left = (sku: string): number => (before.get(sku) ?? 0) - 1;
    marketplace.receiver.behaviour = { kind: "refuse", status: 413, times: 1 };
    // All that it is shown at once: what changes about a channel has it told everything anew.
    await inOneCall(trading, () => soldElsewhere(trading, wrong, 1));
    expect(await untilShown(trading, wrong, left(wrong))).toBe(true);
    const item = JSON.stringify(marketplace.listed.get(wrong));
    marketplace.receiver.behaviour = { kind: "refuse", status: 422, about: item };
    await inOneCall(trading, async () => {
      for (const sku of [...others, wrong]) await soldElsewhere(trading, sku, 1);
    });
    for (const sku of others) expect(await untilShown(trading, sku, left(sku))).toBe(true);
    const [letter] = await untilDead(calm, "queue=onhand-channel-sync", 1);
    if (letter === undefined) throw new Error("no letter");
    expect(letter).toMatchObject({ code: "refused", error: expect.stringContaining("422") });
    expect(shown(trading, wrong)).toBe(left(wrong));
    marketplace.receiver.behaviour = { kind: "answer" };
    await replay(calm, letter);
    await untilSettled(calm, "queue=onhand-channel-sync");
    await trading.nothingIsLost();
  });

  it("answers 410 while D1 cannot store the news: it is paused, people hear of it, and resumed it is told all", async () => {
    const trading = world();
    const { calm, marketplace, sink } = trading;
    const sku = trading.sku();
    const before = shown(trading, sku);
    const away = await broken(calm, {
      where: "DB",
      what: "batch",
      about: "INSERT INTO notifications",
      how: "refuse",
      times: 1,
    });
    marketplace.receiver.behaviour = { kind: "refuse", status: 410 };
    await soldElsewhere(trading, sku, 2);
    const state = async () => (await trading.call<{ state: string }>("GET", `/v1/channels/${MARKETPLACE}`)).state;
    expect(await waitUntil(async () => (await state()) === "paused", TOLD_MS_MAX)).toBe(true);
    const failing = () => sink.of("channel.failing").filter(({ subject }) => subject === MARKETPLACE);
    expect(await waitUntil(() => failing().length > 0, TOLD_MS_MAX)).toBe(true);
    expect(await away()).toBe(1);
    marketplace.receiver.behaviour = { kind: "answer" };
    expect(shown(trading, sku)).toBe(before);
    await trading.call("POST", `/v1/channels/${MARKETPLACE}/resume`);
    expect(await untilShown(trading, sku, before - 2)).toBe(true);
    await trading.nothingIsLost();
    expect(failing()).toHaveLength(1);
  });
});

describe("a channel's breaker", () => {
  it("cannot be asked, then an operator isolates it: nothing is sent, no try is spent, and all is told when it may", async () => {
    const trading = world();
    const { calm, marketplace, wms } = trading;
    const sku = trading.sku();
    const before = shown(trading, sku);
    const away = await broken(calm, { where: "DESTINATION", what: "admit", about: BREAKER, how: "refuse" });
    const { requests } = marketplace.receiver.stats;
    await soldElsewhere(trading, sku, 1);
    // The warehouse has a breaker of its own, and hears of it meanwhile.
    const isKept = () => wms.levels.get(sku)?.locations.some(({ available }) => available === before - 1) === true;
    expect(await waitUntil(isKept, TOLD_MS_MAX)).toBe(true);
    expect(await waitUntil(async () => (await away.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    await trading.call("POST", `/v1/breakers/${BREAKER}/isolate`, { reason: "their catalogue is being moved" });
    await away();
    await soldElsewhere(trading, sku, 1);
    await sleep(3_000);
    expect(marketplace.receiver.stats.requests).toBe(requests);
    await trading.call("POST", `/v1/breakers/${BREAKER}/release`);
    expect(await untilShown(trading, sku, before - 2)).toBe(true);
    await trading.nothingIsLost();
  });
});
