/**
 * Sends a channel's events to Onhand as its own system would: signed by the reference library, doubled and out of order on
 * demand, and again until it is answered 202. It gives up only what is refused for good, and tells of it.
 */
import type { PendingWork } from "../shopify-simulator/model/pending-work.ts";
import type { SeededRandom } from "../shopify-simulator/model/seeded-random.ts";
import { postSigned, WRONG_SECRET } from "./post-signed.ts";
import type { OutgoingEvent } from "./wire.ts";

export type SenderFaults = {
  /** Share of requests that are sent twice, under the same webhook-id. */
  readonly duplicateRate: number;
  /** Share of requests whose events are told again later, under another webhook-id. */
  readonly retellRate: number;
  /** Share of requests that are kept back, so that later ones overtake them. */
  readonly reorderRate: number;
  readonly reorderHoldMs: number;
  /** Share of requests that are signed with a wrong secret first. */
  readonly forgeRate: number;
};

export const NO_SENDER_FAULTS: SenderFaults = {
  duplicateRate: 0,
  retellRate: 0,
  reorderRate: 0,
  reorderHoldMs: 0,
  forgeRate: 0,
};

export type SenderStats = {
  /** Events handed over, before faults. */
  events: number;
  requests: number;
  attempts: number;
  accepted: number;
  duplicated: number;
  retold: number;
  reordered: number;
  retried: number;
  /** Answered as duplicates of their webhook-id. */
  knownAgain: number;
  /** Sent with a wrong signature, and those of them that were answered 401. */
  forged: number;
  forgedRefused: number;
};

/** What Onhand did not want, and never will. */
export type Refusal = { readonly status: number; readonly ids: readonly string[]; readonly text: string };

export type SenderDeps = {
  /** `…/v1/channels/{id}/events`. */
  readonly url: () => string;
  readonly secret: () => string;
  readonly random: SeededRandom;
  readonly pending: PendingWork;
};

type Parcel = { readonly webhookId: string; readonly events: readonly OutgoingEvent[]; readonly body: string };

const RETRY_MS = 400;
const RETRY_MS_MAX = 5_000;
/** Of one channel: the local runtime has two cores. */
const AT_ONCE = 6;
/** Of one message. */
const EVENTS_MAX = 100;

export class EventSender {
  faults: SenderFaults = NO_SENDER_FAULTS;
  readonly stats: SenderStats = {
    events: 0,
    requests: 0,
    attempts: 0,
    accepted: 0,
    duplicated: 0,
    retold: 0,
    reordered: 0,
    retried: 0,
    knownAgain: 0,
    forged: 0,
    forgedRefused: 0,
  };
  readonly refusals: Refusal[] = [];
  readonly #deps: SenderDeps;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #queue: (() => Promise<void>)[] = [];
  readonly #takenIn = new Map<string, OutgoingEvent>();
  #underWay = 0;
  #parcels = 0;
  #isClosed = false;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /** One event alone, several as an array. */
  send(...events: readonly OutgoingEvent[]): void {
    if (events.length === 0) return;
    this.stats.events += events.length;
    const { random } = this.#deps;
    const parcel = this.#parcel(events);
    const holdMs = random.chance(this.faults.reorderRate) ? this.faults.reorderHoldMs : 0;
    if (holdMs > 0) this.stats.reordered += 1;
    if (random.chance(this.faults.forgeRate)) this.#begin(0, () => this.#forge(parcel));
    this.#begin(holdMs, () => this.#deliver(parcel));
    if (random.chance(this.faults.duplicateRate)) {
      this.stats.duplicated += 1;
      this.#begin(holdMs, () => this.#deliver(parcel));
    }
    if (random.chance(this.faults.retellRate)) {
      this.stats.retold += 1;
      this.#begin(holdMs + this.faults.reorderHoldMs, () => this.#deliver(this.#parcel(events)));
    }
  }

  /**
   * All that Onhand has ever taken in, once more and as new messages: what a channel does when it was told that some of it
   * got lost, and not which.
   */
  tellAgain(): void {
    const events = [...this.#takenIn.values()];
    for (let i = 0; i < events.length; i += EVENTS_MAX)
      this.#begin(0, () => this.#deliver(this.#parcel(events.slice(i, i + EVENTS_MAX))));
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#queue.length = 0;
    this.#deps.pending.abandon();
  }

  #parcel(events: readonly OutgoingEvent[]): Parcel {
    this.#parcels += 1;
    const webhookId = `msg_${events[0]?.id}_${this.#parcels}`;
    return { webhookId, events, body: JSON.stringify(events.length === 1 ? events[0] : events) };
  }

  #begin(waitMs: number, deliver: () => Promise<void>): void {
    this.#deps.pending.begin();
    if (waitMs === 0) this.#enqueue(deliver);
    else this.#later(waitMs, deliver);
  }

  #later(waitMs: number, deliver: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#enqueue(deliver);
    }, waitMs);
    this.#timers.add(timer);
  }

  #enqueue(deliver: () => Promise<void>): void {
    this.#queue.push(deliver);
    this.#pump();
  }

  #pump(): void {
    while (this.#underWay < AT_ONCE) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#underWay += 1;
      void next().finally(() => {
        this.#underWay -= 1;
        this.#pump();
      });
    }
  }

  async #deliver(parcel: Parcel, attempt = 1): Promise<void> {
    if (this.#isClosed) return;
    if (attempt === 1) this.stats.requests += 1;
    this.stats.attempts += 1;
    const { secret, pending } = this.#deps;
    const response = await this.#post(parcel, secret()).catch(() => null);
    const text = response === null ? "" : await response.text().catch(() => null);
    if (response?.status === 202 && text !== null) {
      this.#taken(parcel, text);
      pending.end();
      return;
    }
    // 401 and 404 are what a channel hears that is being set up: it asks again, as it would for a receiver that is away.
    const isForGood = response !== null && [400, 403, 409, 413, 422].includes(response.status);
    if (isForGood) {
      this.refusals.push({ status: response.status, ids: parcel.events.map(({ id }) => id), text: text ?? "" });
      pending.end();
      return;
    }
    this.stats.retried += 1;
    const toldMs = Number(response?.headers.get("retry-after") ?? 0) * 1_000;
    const waitMs = Math.min(RETRY_MS_MAX, Math.max(toldMs, RETRY_MS * 2 ** Math.min(attempt - 1, 4)));
    this.#later(waitMs, () => this.#deliver(parcel, attempt + 1));
  }

  #taken(parcel: Parcel, text: string): void {
    const answer = JSON.parse(text) as {
      readonly duplicate?: boolean;
      readonly events?: readonly { readonly id: string; readonly status: string }[];
    };
    if (answer.duplicate === true) this.stats.knownAgain += 1;
    this.stats.accepted += 1;
    const bad = (answer.events ?? []).filter(({ status }) => status !== "accepted").map(({ id }) => id);
    if (bad.length > 0) this.refusals.push({ status: 202, ids: bad, text });
    const taken = parcel.events.filter(({ id }) => !bad.includes(id));
    for (const event of taken) this.#takenIn.set(event.id, event);
    this.onAccepted(taken);
  }

  /** Told of each 202: from then on these events are Onhand's. */
  onAccepted: (events: readonly OutgoingEvent[]) => void = () => {};

  async #forge(parcel: Parcel): Promise<void> {
    this.stats.forged += 1;
    const response = await this.#post(parcel, WRONG_SECRET).catch(() => null);
    await response?.body?.cancel();
    if (response?.status === 401) this.stats.forgedRefused += 1;
    // Nobody to judge it by: the receiver was away, not fooled.
    else if (response === null || response.status >= 500) this.stats.forged -= 1;
    this.#deps.pending.end();
  }

  #post({ webhookId, body }: Parcel, secret: string): Promise<Response> {
    return postSigned({ url: this.#deps.url(), secret, webhookId, body });
  }
}
