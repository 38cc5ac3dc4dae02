/**
 * What an isolate believes for a while: bounded in time and in number, oldest out first. What has expired is kept until
 * its place is needed: it may be all there is when the source is away.
 */
export class ExpiringMap<Key, Value> {
  readonly #entries = new Map<Key, { readonly value: Value; readonly untilMs: number }>();
  readonly #ttlMs: number;
  readonly #entriesMax: number;

  constructor(ttlMs: number, entriesMax: number) {
    this.#ttlMs = ttlMs;
    this.#entriesMax = entriesMax;
  }

  get(key: Key, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.untilMs > nowMs ? entry.value : undefined;
  }

  /** Whatever its age. */
  getExpired(key: Key): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: Key, value: Value, nowMs: number): void {
    this.#entries.delete(key); // to the end of the order
    this.#entries.set(key, { value, untilMs: nowMs + this.#ttlMs });
    if (this.#entries.size <= this.#entriesMax) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
