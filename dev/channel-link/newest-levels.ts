/** The levels that a channel was told: of each SKU the highest version, whatever order they came in. */
import type { LevelTold } from "./wire.ts";

export class NewestLevels {
  readonly #levels = new Map<string, LevelTold>();
  /** Levels that were told, and those of them that were older than what was known. */
  told = 0;
  stale = 0;

  /** @returns those that are news */
  take(levels: readonly LevelTold[]): readonly LevelTold[] {
    return levels.filter((level) => {
      this.told += 1;
      const known = this.#levels.get(level.sku);
      if (known !== undefined && known.version >= level.version) {
        this.stale += 1;
        return false;
      }
      this.#levels.set(level.sku, level);
      return true;
    });
  }

  get(sku: string): LevelTold | undefined {
    return this.#levels.get(sku);
  }

  all(): readonly LevelTold[] {
    return [...this.#levels.values()];
  }
}
