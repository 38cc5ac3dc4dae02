/**
 * Does the merge stay alive while one item sells many times a second? Stamps of whole seconds tie all the time, so
 * there is always a doubt somewhere. Measured: from a sale at our till to its arrival at Shopify.
 *
 *   node test/simulation/replica/flash-sale.ts
 */
import { fromStore, type HintId, type ListingId, type LocationId, type PushKey } from "../../../src/domain/ids.ts";
import { floorTotal, truthOf } from "../../../src/domain/replica/truth.ts";
import { Books } from "./books.ts";
import { Counter } from "./counter.ts";
import { Evidence } from "./evidence.ts";
import { noFigures } from "./figures.ts";
import { Gate } from "./gate.ts";
import { type Plan, planOf } from "./plan.ts";
import { Prng } from "./prng.ts";
import { ShopModel, type Version } from "./shopify.ts";
import { Timeline } from "./timeline.ts";
import { check } from "./violation.ts";

export type FlashSale = {
  readonly seed: number;
  readonly ordersPerSecond: number;
  readonly resolutionMs: 1 | 1_000;
  readonly coalesceMs: number;
  readonly tillEveryMs: number;
};

export type FlashSaleFigures = {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly worstMs: number;
  readonly tillSales: number;
  readonly pushes: number;
  readonly reads: number;
  /** Mean units that guarded takes could not count on though they were there; what Shopify just sold included. */
  readonly hiddenUnits: number;
};

const LISTING = fromStore<ListingId>("S1");
const PLACE = fromStore<LocationId>("L1");
const SPAN_MS = 60_000;
const OPENING = 10_000;
const SAMPLE_MS = 100;
/** The last hint is forgotten well before. */
const REST_MS_MAX = 3_600_000;

function planFor({ seed, resolutionMs, coalesceMs }: FlashSale): Plan {
  const plan = planOf(seed, new Prng(seed));
  return {
    ...plan,
    resolutionMs,
    coalesceMs,
    jitterMs: 0,
    batchMs: 100,
    startDelayMsMax: 0,
    evictions: 0,
    quantityAfter: "never",
    windows: { ...plan.windows, tieMs: 0, settleMs: resolutionMs + 500 },
  };
}

/** Plays a minute. Every invariant of the simulator is checked on the way; throws where one breaks. */
export function playFlashSale(sale: FlashSale): FlashSaleFigures {
  const prng = new Prng(sale.seed);
  const plan = planFor(sale);
  const timeline = new Timeline();
  const figures = noFigures();
  const common = { plan, prng, timeline, figures };
  const waiting: number[] = [];
  const carried = new Map<PushKey, readonly number[]>();
  const delaysMs: number[] = [];
  let snapshotPlanned = false;

  const shop = new ShopModel({
    listingId: LISTING,
    resolutionMs: sale.resolutionMs,
    jitter: () => 0,
    changed: () => {
      if (snapshotPlanned) return;
      snapshotPlanned = true;
      timeline.in(sale.coalesceMs, () => {
        snapshotPlanned = false;
        tell("snapshot", shop.level(PLACE));
      });
    },
  });
  const counter: Counter = new Counter({
    ...common,
    evidence: new Evidence(new Map([[LISTING, shop]])),
    books: new Books(),
    locations: [PLACE],
    changeOf: () => null,
    sendPush: (_listing, key, { kind, rows }) => {
      carried.set(key, waiting.splice(0));
      gate.sendPush({ shop, key, kind, rows });
    },
    sendRecall: (listingId, keys) => gate.recall(listingId, keys),
    sendRead: (_listing, key) => gate.sendRead(shop, key),
    log: () => {},
  });
  const gate: Gate = new Gate({
    ...common,
    faults: () => null,
    answer: (answer) => {
      if (answer.event.kind === "push_applied") {
        for (const soldAtMs of carried.get(answer.event.key) ?? []) delaysMs.push(timeline.nowMs - soldAtMs);
      }
      counter.receive(answer);
    },
  });
  const tell = (kind: "snapshot" | "adopt", { available, atMs, n }: Version): void => {
    const event = { kind, listingId: LISTING, locationId: PLACE, available, atMs } as const;
    const shows = [{ listingId: LISTING, locationId: PLACE, n }];
    if (kind === "adopt") counter.receive({ event, shows });
    else timeline.in(prng.int(100, 800), () => counter.receive({ event, shows }));
  };

  tell("adopt", shop.open(PLACE, { available: OPENING, genuine: OPENING }, 0));
  for (let order = 1; order <= sale.ordersPerSecond * 60; order++) {
    timeline.at(prng.int(200, SPAN_MS), () => {
      shop.change(PLACE, -1, timeline.nowMs);
      const id = fromStore<HintId>(`o${order}`);
      const atMs = shop.stamp(timeline.nowMs);
      const event = {
        kind: "hint",
        listingId: LISTING,
        id,
        atMs,
        quantity: -1,
        locationId: PLACE,
        commits: true,
      } as const;
      timeline.in(prng.int(100, 800), () => counter.receive({ event, shows: [] }));
    });
  }
  for (let atMs = sale.tillEveryMs; atMs <= SPAN_MS; atMs += sale.tillEveryMs) {
    timeline.at(atMs, () => {
      waiting.push(timeline.nowMs);
      counter.move(PLACE, -1);
    });
  }
  let hidden = 0;
  for (let atMs = 2 * SAMPLE_MS; atMs <= SPAN_MS; atMs += SAMPLE_MS) {
    timeline.at(atMs, () => {
      const there = counter.ownAt(PLACE) + shop.level(PLACE).genuine;
      hidden += there - floorTotal(truthOf(counter.state));
    });
  }
  while (timeline.step()) {
    check(timeline.nowMs < REST_MS_MAX, "quiet", () => "the flash sale does not come to rest");
  }
  delaysMs.sort((a, b) => a - b);
  const share = (part: number): number => delaysMs[Math.floor((delaysMs.length - 1) * part)] ?? Number.NaN;
  return {
    p50Ms: share(0.5),
    p95Ms: share(0.95),
    worstMs: share(1),
    tillSales: delaysMs.length,
    pushes: figures.pushes,
    reads: figures.reads,
    hiddenUnits: hidden / (SPAN_MS / SAMPLE_MS - 1),
  };
}

if (import.meta.main) {
  console.log(
    "| stamps | orders/s | coalesced ms | till every ms | p50 ms | p95 ms | worst ms | pushes | reads | hidden |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|");
  for (const resolutionMs of [1_000, 1] as const) {
    for (const ordersPerSecond of [1, 10, 50]) {
      for (const coalesceMs of [50, 1_000]) {
        for (const tillEveryMs of [500, 2_000]) {
          const sale = { seed: 1, ordersPerSecond, resolutionMs, coalesceMs, tillEveryMs };
          const { p50Ms, p95Ms, worstMs, pushes, reads, hiddenUnits } = playFlashSale(sale);
          const stamps = resolutionMs === 1 ? "ms" : "s";
          console.log(
            `| ${[stamps, ordersPerSecond, coalesceMs, tillEveryMs, p50Ms, p95Ms, worstMs, pushes, reads, hiddenUnits.toFixed(2)].join(" | ")} |`,
          );
        }
      }
    }
  }
}
