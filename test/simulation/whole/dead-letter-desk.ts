/** Dead letters in a database that is away at times, and the operator who replays them by the shipped service. */
import { type CorrelationId, fromStore } from "../../../src/domain/ids.ts";
import type { LastWords } from "../../../src/queues/dead-letter-message.ts";
import { letterOf } from "../../../src/queues/dead-letter-message.ts";
import { parseParkedLevel } from "../../../src/queues/parked-level.ts";
import type { Counters } from "../../../src/services/counter-contract.ts";
import type { DeadLetter, DeadLetterStatus, StoredDeadLetter } from "../../../src/services/dead-letters.ts";
import { replayDeadLetter } from "../../../src/services/replay-dead-letter.ts";

const OPERATOR = { actor: "operator", detail: null, audit: {}, correlationId: fromStore<CorrelationId>("replay") };

type Kept = DeadLetter & { status: DeadLetterStatus; deaths: number };

export type DeadLetterDeps = {
  readonly isAway: () => boolean;
  /** Put a body back on the queue where it died. */
  readonly send: (queue: string, body: unknown) => Promise<boolean>;
  readonly counters: Counters;
  readonly nowMs: () => number;
};

export class DeadLetterDesk {
  /** Causes of levels that a newer one of the same level has taken the place of: a letter stands for the newest alone. */
  readonly superseded = new Set<string>();
  readonly #deps: DeadLetterDeps;
  readonly #letters = new Map<string, Kept>();

  constructor(deps: DeadLetterDeps) {
    this.#deps = deps;
  }

  get waiting(): number {
    return [...this.#letters.values()].filter(({ status }) => status === "waiting").length;
  }

  async keep(words: LastWords): Promise<boolean> {
    const letter = await letterOf(words);
    if (this.#deps.isAway()) return false;
    this.#put(letter);
    return true;
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    if (this.#deps.isAway()) throw new Error("D1 is away");
    for (const letter of letters) this.#put(letter);
  }

  async replayAll(): Promise<void> {
    for (const [id, letter] of this.#letters) {
      if (letter.status !== "waiting") continue;
      await replayDeadLetter(id, OPERATOR, {
        store: this as never,
        takeIn: async () => ({ why: "nothing dies at the edge here" }),
        send: async (queue, bodies) => {
          for (const body of bodies) if (!(await this.#deps.send(queue, body))) return false;
          return true;
        },
        parkedLevels: parseParkedLevel,
        unpark: async ({ skuId, listingId, locationIds }) => {
          for (const locationId of locationIds) await this.#deps.counters.of(skuId).unpark(listingId, locationId);
        },
        nowMs: this.#deps.nowMs,
      }).catch(() => {});
    }
  }

  async get(id: string): Promise<StoredDeadLetter | null> {
    const letter = this.#letters.get(id);
    return letter === undefined ? null : ({ ...letter, outlinedAtMs: null } as unknown as StoredDeadLetter);
  }

  async markReplayed(id: string, deaths: number): Promise<DeadLetterStatus> {
    const letter = this.#letters.get(id);
    if (letter !== undefined && letter.deaths === deaths) letter.status = "replayed";
    return letter?.status ?? "waiting";
  }

  #put(letter: DeadLetter): void {
    const known = this.#letters.get(letter.id);
    const isNewer = known === undefined || letter.occurredAtMs >= known.occurredAtMs;
    const dropped = isNewer ? known : letter;
    const about = isNewer ? letter : known;
    if (dropped !== undefined && dropped.correlationId !== about.correlationId)
      this.superseded.add(dropped.correlationId);
    this.#letters.set(letter.id, { ...about, status: "waiting", deaths: (known?.deaths ?? 0) + 1 });
  }
}
