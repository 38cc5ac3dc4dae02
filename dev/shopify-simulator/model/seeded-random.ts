/**
 * The only source of chance in the simulator. One stream per concern, so that turning one fault on
 * does not shift the draws of the others: the same seed keeps telling the same story.
 */

export class SeededRandom {
  #state: number;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = this.#seed;
  }

  /** Uniform in [0, 1). Mulberry32: 32 bits of state, good enough to choose faults and names. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** True with the given probability; draws nothing at 0 or 1, so that an idle fault costs no randomness. */
  chance(rate: number): boolean {
    if (rate <= 0) return false;
    return rate >= 1 || this.next() < rate;
  }

  /** Whole number in [low, high], both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** One element of a list that must not be empty. */
  pick<T>(list: readonly T[]): T {
    const element = list[Math.floor(this.next() * list.length)];
    if (element === undefined) throw new Error("pick from an empty list");
    return element;
  }

  /** An independent stream, the same for the same seed and name. */
  fork(name: string): SeededRandom {
    let hash = this.#seed ^ 0x9e3779b9;
    for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    return new SeededRandom(hash);
  }
}
