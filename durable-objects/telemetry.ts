/**
 * Telemetry: a few objects, named by their numbers, that add up what all isolates have counted. A thin shell: it owns the
 * table and the clock, and answers RPC. Nothing is decided by it, and no event waits for it.
 */
import { DurableObject } from "cloudflare:workers";
import type { Flush } from "../src/domain/telemetry/flush.ts";
import type { Sums } from "../src/domain/telemetry/sums.ts";
import { consoleLog as log } from "../src/observability/log.ts";
import type { TelemetryShard } from "../src/services/telemetry/telemetry-contract.ts";
import { analyticsOf, TELEMETRY_BOOK } from "../src/wiring/telemetry.ts";
import { migrate } from "./schema.ts";
import { TELEMETRY_SCHEMA, TelemetryBook } from "./telemetry-book.ts";

export class Telemetry extends DurableObject<Env> implements TelemetryShard {
  readonly #book: TelemetryBook;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(ctx.storage, TELEMETRY_SCHEMA, Date.now());
    this.#book = new TelemetryBook({
      ...TELEMETRY_BOOK,
      storage: ctx.storage,
      write: analyticsOf(env),
      log,
      later: (ms, work) => void setTimeout(work, ms),
    });
  }

  async add(flush: Flush): Promise<void> {
    this.#book.add(flush);
  }

  async sums(): Promise<Sums> {
    return this.#book.sums();
  }
}
