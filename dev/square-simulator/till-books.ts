/**
 * What people did at Square's own tills and shelves, by item: for a verdict that must not take Onhand's word for it.
 * The level that Square shows = what its counts found + what was pushed to it since − what it sold since.
 */
export type CountEntered = {
  readonly item: string;
  readonly location: string;
  /** What it showed before; null: it had never been counted there. */
  readonly before: number | null;
  readonly found: number;
};

export class TillBooks {
  readonly counts: CountEntered[] = [];
  readonly #sold = new Map<string, number>();
  readonly #counted = new Map<string, number>();

  sell(item: string, units: number): void {
    add(this.#sold, item, units);
  }

  count(entered: CountEntered): void {
    this.counts.push(entered);
    add(this.#counted, entered.item, entered.found - (entered.before ?? 0));
  }

  /** Item → units sold by its tills. */
  get sold(): ReadonlyMap<string, number> {
    return this.#sold;
  }

  /** Item → units that its counts found, the first ones included, or missed (minus). */
  get counted(): ReadonlyMap<string, number> {
    return this.#counted;
  }
}

function add(sums: Map<string, number>, item: string, units: number): void {
  sums.set(item, (sums.get(item) ?? 0) + units);
}
