/**
 * Model of the gate and of the network to Shopify. It keeps the rules at the border: a push is refused only if its
 * first attempt definitely failed; after any unclear attempt the same key and rows go out until they succeed; and a
 * replay tells the original time, and the original level or none.
 */
import type { ListingId, PushKey, ReadKey } from "../../../src/domain/ids.ts";
import type { MergeEvent, PushRow, ReadLevel } from "../../../src/domain/replica/events.ts";
import type { PushKind } from "../../../src/domain/replica/state.ts";
import type { Shown } from "./evidence.ts";
import type { Figures } from "./figures.ts";
import type { Faults, Plan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import type { AppliedPush, ShopModel } from "./shopify.ts";
import type { Timeline } from "./timeline.ts";

const TIMEOUT_MS = 10_000;
const RETRY_MS = 1_000;
const LATE_REQUEST_MS = 20_000;
/** Two levels of one query are read at most so far apart. */
const READ_GAP_MS_MAX = 300;

export type Answer = { readonly event: MergeEvent; readonly shows: readonly Shown[] };

export type GateDeps = {
  readonly plan: Plan;
  readonly prng: Prng;
  readonly timeline: Timeline;
  readonly figures: Figures;
  readonly faults: () => Faults | null;
  readonly answer: (answer: Answer) => void;
};

type PushTry = {
  readonly shop: ShopModel;
  readonly key: PushKey;
  readonly kind: PushKind;
  readonly rows: readonly PushRow[];
};

export class Gate {
  readonly #deps: GateDeps;
  readonly #held = new Map<PushKey, PushTry>();
  #isReleased = false;

  constructor(deps: GateDeps) {
    this.#deps = deps;
    const { hold } = deps.plan;
    if (hold !== null && hold.toMs < Number.POSITIVE_INFINITY) deps.timeline.at(hold.toMs, () => this.release());
  }

  sendPush(push: PushTry): void {
    if (this.isHolding) this.#held.set(push.key, push);
    else this.#tryPush(push, { tainted: false });
  }

  get isHolding(): boolean {
    const { hold } = this.#deps.plan;
    const { nowMs } = this.#deps.timeline;
    return hold !== null && !this.#isReleased && nowMs >= hold.fromMs && nowMs < hold.toMs;
  }

  /** The catch opens: what was held goes out, whatever happened meanwhile. */
  release(): void {
    this.#isReleased = true;
    for (const push of this.#held.values()) this.#tryPush(push, { tainted: false });
    this.#held.clear();
  }

  /** Gives back what is held. What was sent, or settled already, is not. */
  recall(listingId: ListingId, keys: readonly PushKey[]): void {
    const { prng, timeline, faults, figures, answer } = this.#deps;
    timeline.in(this.#tripMs(), () => {
      for (const key of keys.filter((key) => this.#held.delete(key))) {
        figures.returned++;
        const told: Answer = { event: { kind: "push_returned", listingId, key }, shows: [] };
        timeline.in(this.#tripMs(), () => answer(told));
        if (prng.chance(faults()?.duplicate ?? 0)) timeline.in(prng.int(0, 5_000), () => answer(told));
      }
    });
  }

  #tryPush(push: PushTry, { tainted }: { readonly tainted: boolean }): void {
    const { prng, timeline, faults } = this.#deps;
    const now = faults();
    const retry = (): void => this.#tryPush(push, { tainted: true });
    const apply = () => push.shop.applyPush(push.key, push, timeline.nowMs);
    if (now !== null && prng.chance(now.pushRefused)) {
      timeline.in(this.#tripMs(), () => (tainted ? timeline.in(RETRY_MS, retry) : this.#refuse(push)));
    } else if (now !== null && prng.chance(now.pushLost)) {
      timeline.in(TIMEOUT_MS, retry);
    } else if (now !== null && prng.chance(now.pushLate)) {
      timeline.in(LATE_REQUEST_MS, apply);
      timeline.in(TIMEOUT_MS, retry);
    } else if (now !== null && prng.chance(now.pushUnanswered)) {
      timeline.in(this.#tripMs(), apply);
      timeline.in(TIMEOUT_MS, retry);
    } else {
      timeline.in(this.#tripMs(), () => {
        const { push: applied, first } = apply();
        timeline.in(this.#tripMs(), () => this.#applied(push, applied, { replayed: tainted || !first }));
      });
    }
  }

  #refuse({ shop, key, rows }: PushTry): void {
    const { prng, timeline, figures, answer } = this.#deps;
    figures.refused++;
    const park = prng.chance(0.3) ? rows.map((row) => row.locationId) : [];
    answer({ event: { kind: "push_failed", listingId: shop.listingId, key, park }, shows: [] });
    for (const locationId of park) {
      timeline.in(prng.int(3_000, 20_000), () => {
        answer({ event: { kind: "unpark", listingId: shop.listingId, locationId }, shows: [] });
      });
    }
  }

  #applied({ shop, key }: PushTry, applied: AppliedPush, { replayed }: { readonly replayed: boolean }): void {
    const { plan, prng, timeline, faults, answer } = this.#deps;
    const listingId: ListingId = shop.listingId;
    const now = faults();
    const atMs = now !== null && prng.chance(now.pushTimeUnknown) ? null : applied.atMs;
    const tells = atMs !== null && plan.quantityAfter !== "never" && (!replayed || plan.quantityAfter === "in_replays");
    const event: MergeEvent = {
      kind: "push_applied",
      listingId,
      key,
      atMs,
      ...(tells ? { after: new Map(Array.from(applied.after, ([id, version]) => [id, version.available])) } : {}),
    };
    const shows = tells ? Array.from(applied.after, ([locationId, { n }]) => ({ listingId, locationId, n })) : [];
    answer({ event, shows });
    if (now !== null && prng.chance(now.duplicate)) timeline.in(prng.int(0, 5_000), () => answer({ event, shows }));
  }

  sendRead(shop: ShopModel, key: ReadKey): void {
    const { prng, timeline, faults, answer } = this.#deps;
    const { listingId } = shop;
    const now = faults();
    if (now !== null && prng.chance(now.readRefused)) {
      timeline.in(this.#tripMs(), () => answer({ event: { kind: "read_failed", listingId, key }, shows: [] }));
      return;
    }
    if (now === null || !prng.chance(now.readUnanswered)) {
      timeline.in(this.#tripMs(), () => this.#readLevels(shop, key, this.#tripMs()));
    } else if (prng.chance(0.5)) {
      // Much too late: the merge has given this read up by then.
      timeline.in(prng.int(0, 15_000), () => this.#readLevels(shop, key, prng.int(31_000, 60_000)));
    }
  }

  #readLevels(shop: ShopModel, key: ReadKey, backMs: number): void {
    const { plan, prng, timeline, answer } = this.#deps;
    const levels: ReadLevel[] = [];
    const shows: Shown[] = [];
    let gapMs = 0;
    for (const locationId of shop.locationIds) {
      timeline.in(gapMs, () => {
        const { level, n } = shop.readLevel(locationId);
        levels.push(level);
        shows.push({ listingId: shop.listingId, locationId, n });
      });
      if (!plan.readAtOnce) gapMs += prng.int(0, READ_GAP_MS_MAX);
    }
    timeline.in(gapMs + backMs, () => {
      answer({ event: { kind: "read_answered", listingId: shop.listingId, key, levels }, shows });
    });
  }

  #tripMs(): number {
    return this.#deps.prng.int(20, 300);
  }
}
