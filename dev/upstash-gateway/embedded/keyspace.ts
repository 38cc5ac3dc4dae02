/** The keys of the embedded engine: strings and hashes, with expiry. A key is its bytes as a latin-1 string. */

export type StringValue = { readonly kind: "string"; readonly bytes: Buffer };
export type HashValue = { readonly kind: "hash"; readonly fields: Map<string, Buffer> };
export type Value = StringValue | HashValue;

type Entry = { readonly value: Value; readonly expiresAtMs: number | null };

export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get nowMs(): number {
    return this.#now();
  }

  get(key: string): Value | null {
    return this.#live(key)?.value ?? null;
  }

  has(key: string): boolean {
    return this.#live(key) !== null;
  }

  /** Epoch milliseconds; null when the key stays for ever; undefined when there is no such key. */
  expiryOf(key: string): number | null | undefined {
    return this.#live(key)?.expiresAtMs;
  }

  /** A moment that has passed makes the key vanish at once, as in Redis. */
  set(key: string, value: Value, expiresAtMs: number | null): void {
    this.#entries.set(key, { value, expiresAtMs });
  }

  delete(key: string): boolean {
    const existed = this.has(key);
    this.#entries.delete(key);
    return existed;
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Those that have not expired. */
  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.has(key));
  }

  #live(key: string): Entry | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (entry.expiresAtMs === null || entry.expiresAtMs > this.#now()) return entry;
    this.#entries.delete(key);
    return null;
  }
}
