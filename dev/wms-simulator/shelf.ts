/**
 * The warehouse's own books: what lies on the shelf, what its system believes lies there, and each document that changed
 * either. Of Onhand it knows nothing.
 */

export type BookCause = "opening" | "shipment" | "receipt" | "adjustment" | "damage" | "transfer" | "count";

export type BookEntry = {
  readonly cause: BookCause;
  readonly sku: string;
  readonly location: string;
  /** What it did to the units for sale: of a shipment nothing, they were sold before. */
  readonly available: number;
  /** Id of its document. */
  readonly document: string;
};

export class Shelf {
  readonly entries: BookEntry[] = [];
  /** Place → units that lie there. */
  readonly #lying = new Map<string, number>();
  /** Place → units that its system believes to lie there. */
  readonly #believed = new Map<string, number>();

  open(sku: string, location: string, units: number): void {
    this.#change(sku, location, units);
    this.#enter({ cause: "opening", sku, location, available: units, document: "opening" });
  }

  ship(sku: string, location: string, units: number, document: string): void {
    this.#change(sku, location, -units);
    this.#enter({ cause: "shipment", sku, location, available: 0, document });
  }

  receive(sku: string, location: string, units: number, document: string): void {
    this.#change(sku, location, units);
    this.#enter({ cause: "receipt", sku, location, available: units, document });
  }

  adjust(sku: string, location: string, delta: number, document: string): void {
    this.#change(sku, location, delta);
    this.#enter({ cause: "adjustment", sku, location, available: delta, document });
  }

  /** A parcel that came back: whoever sold it tells of it. */
  takeBack(sku: string, location: string, units: number): void {
    this.#change(sku, location, units);
  }

  /** Broken, and still lying there. */
  damage(sku: string, location: string, units: number, document: string): void {
    this.#enter({ cause: "damage", sku, location, available: -units, document });
  }

  transfer(sku: string, from: string, to: string, units: number, document: string): void {
    this.#change(sku, from, -units);
    this.#change(sku, to, units);
    this.#enter({ cause: "transfer", sku, location: from, available: -units, document });
    this.#enter({ cause: "transfer", sku, location: to, available: units, document });
  }

  /** Gone or found, and nobody has noticed yet: a count will. */
  slip(sku: string, location: string, delta: number): void {
    const place = placeOf(sku, location);
    this.#lying.set(place, (this.#lying.get(place) ?? 0) + delta);
  }

  /** Looks at the shelf: from now on the system believes what lies there. @returns the units */
  count(sku: string, location: string, document: string): number {
    const place = placeOf(sku, location);
    const lying = this.lying(sku, location);
    const found = lying - (this.#believed.get(place) ?? 0);
    this.#believed.set(place, lying);
    this.#enter({ cause: "count", sku, location, available: found, document });
    return lying;
  }

  lying(sku: string, location: string): number {
    return this.#lying.get(placeOf(sku, location)) ?? 0;
  }

  knows(sku: string, location: string): boolean {
    return this.#lying.has(placeOf(sku, location));
  }

  #change(sku: string, location: string, delta: number): void {
    const place = placeOf(sku, location);
    this.#lying.set(place, (this.#lying.get(place) ?? 0) + delta);
    this.#believed.set(place, (this.#believed.get(place) ?? 0) + delta);
  }

  #enter(entry: BookEntry): void {
    this.entries.push(entry);
  }
}

const placeOf = (sku: string, location: string): string => JSON.stringify([sku, location]);
