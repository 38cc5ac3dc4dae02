/** A Map that is copied at its first change: what nobody changes keeps its identity, and the store writes nothing. */
export class MapDraft<K, V> {
  readonly #original: ReadonlyMap<K, V>;
  #current: ReadonlyMap<K, V>;
  #copy: Map<K, V> | null = null;

  constructor(original: ReadonlyMap<K, V>) {
    this.#original = original;
    this.#current = original;
  }

  /** The original itself where all entries are the same again. Compares entry by entry: for small maps. */
  get currentOrOriginal(): ReadonlyMap<K, V> {
    if (this.#copy === null || this.#copy.size !== this.#original.size) return this.#current;
    for (const [key, value] of this.#copy) if (this.#original.get(key) !== value) return this.#current;
    return this.#original;
  }

  /** As it is now. Owned by the reader once the batch is over: write no more. */
  get current(): ReadonlyMap<K, V> {
    return this.#current;
  }

  get(key: K): V | undefined {
    return this.#current.get(key);
  }

  set(key: K, value: V): void {
    if (this.#current.get(key) !== value) this.#writable().set(key, value);
  }

  delete(key: K): void {
    if (this.#current.has(key)) this.#writable().delete(key);
  }

  /** Keeps the entries that are `wanted`, in their order. Nothing is copied when all of them are. */
  keep(wanted: (value: V) => boolean): void {
    if (this.#all(wanted)) return;
    const kept = new Map<K, V>();
    for (const [key, value] of this.#current) if (wanted(value)) kept.set(key, value);
    this.#copy = kept;
    this.#current = kept;
  }

  #all(wanted: (value: V) => boolean): boolean {
    for (const value of this.#current.values()) if (!wanted(value)) return false;
    return true;
  }

  #writable(): Map<K, V> {
    this.#copy ??= new Map(this.#current);
    this.#current = this.#copy;
    return this.#copy;
  }
}
