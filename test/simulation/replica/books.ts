/** The books that a caller would keep of the merge: every change of the ledger numbered, and explained within bounds. */

import type { HintId, ListingId } from "../../../src/domain/ids.ts";
import type { Attribution, Settlement } from "../../../src/domain/replica/events.ts";
import type { MergeState } from "../../../src/domain/replica/state.ts";
import { check } from "./violation.ts";

type Entry = { readonly change: number; attributed: number };

const keyOf = (entry: Pick<Settlement, "listingId" | "locationId">, n: number): string =>
  `${entry.listingId} ${entry.locationId} ${n}`;

export class Books {
  settlements = 0;
  attributedUnits = 0;
  readonly #entries = new Map<string, Entry>();
  readonly #settled = new Map<string, { readonly n: number; readonly value: number }>();

  /** Notices by listing and id: what each tells, and what is attributed to it. */
  readonly #notices = new Map<string, { readonly quantity: number; explained: number }>();

  hear(listingId: ListingId, id: HintId, quantity: number): void {
    const name = `${listingId} ${id}`;
    if (!this.#notices.has(name)) this.#notices.set(name, { quantity, explained: 0 });
  }

  /** What changes are explained by it, for a caller that hears of it again. */
  explainedBy(listingId: ListingId, id: HintId): number {
    return this.#notices.get(`${listingId} ${id}`)?.explained ?? 0;
  }

  /** Settlements form an unbroken chain; what is attributed to one has its sign and is never more than it changed. */
  book(settlements: readonly Settlement[], attributions: readonly Attribution[]): void {
    for (const settlement of settlements) {
      const level = keyOf(settlement, 0);
      const last = this.#settled.get(level) ?? { n: 0, value: 0 };
      check(
        settlement.n === last.n + 1 && settlement.before === last.value && settlement.after !== settlement.before,
        "books",
        () => `settlement ${settlement.n} of ${level} does not follow ${last.n}`,
      );
      this.#settled.set(level, { n: settlement.n, value: settlement.after });
      this.#entries.set(keyOf(settlement, settlement.n), {
        change: settlement.after - settlement.before,
        attributed: 0,
      });
      this.settlements++;
    }
    for (const attribution of attributions) this.#attribute(attribution);
  }

  /** C is the sum of its settlements. */
  checkAgainst(state: MergeState): void {
    for (const [listingId, { levels }] of state.listings) {
      for (const [locationId, level] of levels) {
        const last = this.#settled.get(keyOf({ listingId, locationId }, 0)) ?? { n: 0, value: 0 };
        check(
          last.value === level.settled && last.n === level.settlements,
          "books",
          () => `${listingId} at ${locationId}: the books say ${last.value}, the merge ${level.settled}`,
        );
      }
    }
  }

  #attribute(attribution: Attribution): void {
    const name = keyOf(attribution, attribution.settlement);
    const entry = this.#entries.get(name);
    check(entry !== undefined, "attribution", () => `to ${name}, which is not made yet`);
    if (entry === undefined) return;
    entry.attributed += attribution.quantity;
    this.#explain(attribution);
    this.attributedUnits += Math.abs(attribution.quantity);
    check(
      attribution.quantity * entry.change > 0 && Math.abs(entry.attributed) <= Math.abs(entry.change),
      "attribution",
      () => `${name} changed by ${entry.change}, and ${entry.attributed} is attributed to it`,
    );
  }

  /** However often a notice comes, it explains no more than it tells. */
  #explain({ listingId, hintId, quantity }: Attribution): void {
    const notice = this.#notices.get(`${listingId} ${hintId}`);
    if (notice === undefined) return; // a caller that tells no quantities
    notice.explained += quantity;
    check(
      Math.abs(notice.explained) <= Math.abs(notice.quantity),
      "attribution",
      () => `${hintId} tells of ${notice.quantity}, and explains ${notice.explained}`,
    );
  }
}
