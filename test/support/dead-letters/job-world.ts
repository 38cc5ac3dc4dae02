/** Dead letters, jobs over them and a queue, on the real SQL: what is sent waits until the test says how it ends. */
import { fromStore, type ShopDomain } from "../../../src/domain/ids.ts";
import { replayMarkOf, withoutMark } from "../../../src/queues/replay-mark.ts";
import type { AuditEntry } from "../../../src/services/audit.ts";
import type { DriveJobDeps } from "../../../src/services/dead-letters/drive-job.ts";
import type { DeadLetterJobStore, NewJob } from "../../../src/services/dead-letters/jobs.ts";
import type { StartJobDeps } from "../../../src/services/dead-letters/start-job.ts";
import type { DeadLetter } from "../../../src/services/dead-letters.ts";
import { d1DeadLetterJobs } from "../../../src/store/d1-dead-letter-jobs.ts";
import { d1DeadLetters } from "../../../src/store/d1-dead-letters.ts";
import { SqliteD1 } from "../d1/sqlite-d1.ts";

export const letter = (given: Partial<DeadLetter> = {}): DeadLetter => ({
  ...{
    id: "dl_01",
    origin: "queue/onhand-events",
    topic: "orders/create",
    shop: fromStore<ShopDomain>("a.myshopify.com"),
  },
  ...{ correlationId: fromStore("correlation"), eventId: "event", subject: null, refs: [], isFreeForm: false },
  errors: [{ code: "counter_away", message: "m", atMs: 1, attempt: 9 }],
  ...{ attempts: 9, payload: { v: 1 }, truncated: false, received: null, occurredAtMs: 1 },
  ...given,
});

export type Counted = { readonly queue: string; readonly by: string; readonly n: number };

export class JobWorld {
  readonly d1 = new SqliteD1();
  readonly letters = d1DeadLetters(this.d1.db, {
    ...{ errorsMax: 10, trailMax: 20, messageCharsMax: 100, refsMax: 9, autoForgetMs: 7_200_000 },
  });
  readonly jobs: DeadLetterJobStore;
  /** Bodies under way, as sent. */
  readonly queue: unknown[] = [];
  readonly audited: AuditEntry[] = [];
  readonly counted: Counted[] = [];
  readonly drive: DriveJobDeps;
  readonly start: StartJobDeps;
  mostInFlight = 0;
  nowMs = 1_000;
  #ids = 0;

  constructor(given: Partial<DriveJobDeps> = {}, limits: { lettersMax?: number; pageBytesMax?: number } = {}) {
    this.jobs = d1DeadLetterJobs(this.d1.db, { trailMax: 20, lettersMax: 1_000, pageBytesMax: 1_000_000, ...limits });
    const newId = (): string => `id-${++this.#ids}`;
    const nowMs = (): number => this.nowMs;
    this.start = { jobs: this.jobs, audit: { append: async (entry) => void this.audited.push(entry) }, nowMs, newId };
    this.drive = {
      jobs: this.jobs,
      replay: {
        takeIn: async () => "sent",
        send: async (queue, bodies) => {
          if (queue === "gone") return false;
          this.queue.push(...bodies);
          this.mostInFlight = Math.max(this.mostInFlight, this.queue.length);
          return true;
        },
        parkedLevels: () => null,
        unpark: async () => {},
        nowMs,
      },
      log: () => {},
      meter: {
        count: (_, labels, n = 1) => {
          const { queue, by } = labels as { queue: string; by?: string };
          this.counted.push({ queue, by: by ?? "discarded", n });
        },
        observe: () => {},
      },
      pace: { inFlightMax: 10, pageMax: 4 },
      ...{ unheardMs: 60_000, leaseMs: 20_000, pollMs: 100, nowMs, newId },
      wait: async (ms) => {
        this.nowMs += ms;
      },
      ...given,
    };
  }

  async die(count: number, given: Partial<DeadLetter> = {}): Promise<readonly string[]> {
    const ids = Array.from({ length: count }, (_, i) => `dl_${String(i).padStart(3, "0")}`);
    for (const id of ids)
      await this.letters.put([letter({ id, eventId: id, payload: { v: 1, of: id }, ...given })], this.nowMs);
    return ids;
  }

  async job(given: Partial<NewJob> = {}) {
    const job: NewJob = {
      ...{
        id: "dlj_01",
        name: "test",
        action: "replay",
        trigger: "operator",
        filter: {},
        reason: null,
        actor: "admin",
      },
      correlationId: fromStore("asked"),
      ...given,
    };
    return (await this.jobs.create(job, this.drive.newId(), this.nowMs)).job;
  }

  /** The consumer has taken them in. */
  async consume(count = Number.POSITIVE_INFINITY): Promise<void> {
    const done = this.queue.splice(0, count).map(replayMarkOf);
    await this.jobs.noteProcessed(
      done.filter((mark) => mark !== null),
      this.nowMs,
    );
  }

  /** They died again, as the consumer buries them. */
  async bury(count: number): Promise<void> {
    for (const body of this.queue.splice(0, count)) {
      const { of: id } = withoutMark(body) as { of: string };
      await this.letters.put([letter({ id, eventId: id, payload: withoutMark(body) })], this.nowMs);
    }
  }

  async counts(id = "dlj_01") {
    return (await this.jobs.get(id))?.counts;
  }
}
