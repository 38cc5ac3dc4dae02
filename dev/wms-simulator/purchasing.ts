/** Goods that were asked for: each reorder is bought once, however often it is told, and arrives in one part or in two. */
import type { ReorderTold } from "../channel-link/wire.ts";

export type Delivery = {
  readonly receiptId: string;
  readonly reorderId: string;
  readonly sku: string;
  readonly location: string | null;
  readonly quantity: number;
};

type Purchase = { readonly told: ReorderTold; times: number; isCancelled: boolean; received: number };

export class Purchasing {
  readonly #purchases = new Map<string, Purchase>();
  /** Cancelled before they were asked for: the two may cross on their way. */
  readonly #unwanted = new Set<string>();

  /** @returns its deliveries, in the order of their arrival; none if it is known already */
  take(told: ReorderTold, parts: number): readonly Delivery[] {
    const known = this.#purchases.get(told.reorderId);
    if (known !== undefined) known.times += 1;
    if (known !== undefined || this.#unwanted.has(told.reorderId)) return [];
    this.#purchases.set(told.reorderId, { told, times: 1, isCancelled: false, received: 0 });
    const first = parts === 1 ? told.quantity : Math.max(1, Math.floor(told.quantity / 3));
    return [first, told.quantity - first]
      .filter((quantity) => quantity > 0)
      .map((quantity, part) => ({
        receiptId: `rcp-${told.reorderId}-${part + 1}`,
        reorderId: told.reorderId,
        sku: told.sku,
        location: told.locationId,
        quantity,
      }));
  }

  /** What is on the road stays on the road; nothing more is sent off. */
  cancel(reorderId: string): void {
    const known = this.#purchases.get(reorderId);
    if (known === undefined) this.#unwanted.add(reorderId);
    else known.isCancelled = true;
  }

  /** @returns whether it is still wanted */
  arrive({ reorderId, quantity }: Delivery): boolean {
    const known = this.#purchases.get(reorderId);
    if (known === undefined || known.isCancelled) return false;
    known.received += quantity;
    return true;
  }

  all(): readonly { readonly told: ReorderTold; readonly times: number; readonly received: number }[] {
    return [...this.#purchases.values()];
  }
}
