/**
 * Who waits for a lease to end, in the order in which they first asked. In memory: those who wait are connections of this
 * life, and a new life has none. Whoever gives up gets a ticket; with it the next try keeps the place of the first, so
 * that nobody is overtaken for ever.
 */
export type Turn = { readonly ticket: string; readonly sinceMs: number };

type Waiter = Turn & { readonly wake: () => void };

/** A ticket is good for this long: twice what anybody should have to wait. */
const TICKET_MS = 60_000;
/** Tickets remembered at once. A flood of lockers must not fill an object's memory; the oldest are the ones to keep. */
const TICKETS_MAX = 1_000;

export class TurnQueue {
  #waiting: Waiter[] = [];
  readonly #tickets = new Map<string, number>();
  readonly #sleep: (ms: number) => Promise<void>;

  constructor(sleep: (ms: number) => Promise<void>) {
    this.#sleep = sleep;
  }

  /** @param ticket  of an earlier try, or null; an unknown one is as good as none */
  enter(ticket: string | null, fresh: string, nowMs: number): Turn {
    for (const [known, sinceMs] of this.#tickets) if (sinceMs < nowMs - TICKET_MS) this.#tickets.delete(known);
    const sinceMs = ticket === null ? undefined : this.#tickets.get(ticket);
    const turn = ticket !== null && sinceMs !== undefined ? { ticket, sinceMs } : { ticket: fresh, sinceMs: nowMs };
    if (this.#tickets.size < TICKETS_MAX) this.#tickets.set(turn.ticket, turn.sinceMs);
    return turn;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Nobody who waits has asked before. */
  isNext({ sinceMs }: Turn): boolean {
    const [first] = this.#waiting;
    return first === undefined || first.sinceMs >= sinceMs;
  }

  /** Until `wake`, or for so long. */
  async wait(turn: Turn, ms: number): Promise<void> {
    const woken = Promise.withResolvers<void>();
    const waiter: Waiter = { ...turn, wake: () => woken.resolve() };
    const place = this.#waiting.findIndex((other) => other.sinceMs > turn.sinceMs);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, waiter);
    await Promise.race([woken.promise, this.#sleep(ms)]);
    this.#waiting = this.#waiting.filter((other) => other !== waiter);
  }

  leave({ ticket }: Turn): void {
    this.#tickets.delete(ticket);
  }

  /** The lease has ended, or somebody is through: the first one looks again. */
  wake(): void {
    this.#waiting[0]?.wake();
  }
}
