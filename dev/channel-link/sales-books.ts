/** What a channel sold, undid and took back, by its own books: units that left the shelf for good, by SKU. */
export type SalesCause = "sale" | "cancellation" | "return";

export class SalesBooks {
  readonly #net = new Map<string, number>();
  readonly #units = new Map<SalesCause, number>();

  enter(cause: SalesCause, sku: string, units: number): void {
    this.#net.set(sku, (this.#net.get(sku) ?? 0) + (cause === "sale" ? units : -units));
    this.#units.set(cause, (this.#units.get(cause) ?? 0) + units);
  }

  /** SKU → units sold and not given back. */
  get net(): ReadonlyMap<string, number> {
    return this.#net;
  }

  units(cause: SalesCause): number {
    return this.#units.get(cause) ?? 0;
  }
}
