/**
 * The mirror of all levels in Upstash Redis. Whatever happens to Redis, each call ends within its limit and with a value:
 * reads fall through to the counter, and a lost write heals when the value expires. Nothing here decides a sale.
 */
import { Redis } from "@upstash/redis/cloudflare";
import type { Sku } from "../domain/ids.ts";
import { type LevelsView, parseLevelsView } from "../domain/levels-view.ts";
import type { Mirror, MirrorRead, MirrorWrite } from "../services/mirror.ts";
import { BadReply, causeOf, type MirrorFault } from "./mirror-fault.ts";
import { levelsKey, versionKey } from "./mirror-keys.ts";
import {
  deleteLevels,
  readTexts,
  requestsOf,
  skuChunks,
  type WriteArgs,
  WriteTally,
  writeChunk,
} from "./mirror-requests.ts";

/** A read that takes longer costs more than asking the counter, which is what follows it. */
const READ_TIMEOUT_MS = 150;
/** A write rides behind the answer, or in a queue's batch, where a second is bearable. */
const WRITE_TIMEOUT_MS = 1_000;
/** Rides beside a webhook's answer and may not hold it up; what it misses expires within a minute. */
const INVALIDATE_TIMEOUT_MS = 50;
const INVALIDATE_STEP_MS = 10;
/** One more try, when the connection broke: harmless, the version makes a write idempotent. */
const WRITE_RETRIES = 1;
const RETRY_PAUSE_MS = 50;

export type MirrorOptions = {
  readonly url: string;
  readonly token: string;
  /** 0 ≤ random() < 1 */
  readonly random: () => number;
  /** How long levels live: between these, so that what was written at once does not expire at once. */
  readonly ttlSecondsMin: number;
  readonly ttlSecondsMax: number;
  /** How long a version guards against older writes: longer than the longest retry. */
  readonly versionTtlSeconds: number;
  readonly readTimeoutMs?: number | undefined;
  readonly writeTimeoutMs?: number | undefined;
  readonly invalidateTimeoutMs?: number | undefined;
  /** Told of every fault, for log and metrics. Must not throw. */
  readonly onFault?: ((fault: MirrorFault) => void) | undefined;
};

/** Holds no connection and no state: it may live as long as the isolate or for one request. */
export function createMirror(options: MirrorOptions): Mirror {
  return new RedisMirror(options);
}

/** For deployments without Upstash. */
export function noMirror(): Mirror {
  return {
    write: async () => ({ kind: "disabled" }),
    read: async () => ({ kind: "disabled" }),
    invalidate: async () => {},
    ping: async () => "disabled",
  };
}

class RedisMirror implements Mirror {
  readonly #options: MirrorOptions;
  readonly #clients = new Map<string, Redis>();

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  get #reader(): Redis {
    return this.#client("read", this.#options.readTimeoutMs ?? READ_TIMEOUT_MS, 0);
  }

  get #writer(): Redis {
    return this.#client("write", this.#options.writeTimeoutMs ?? WRITE_TIMEOUT_MS, WRITE_RETRIES);
  }

  #invalidator(msMax: number): Redis {
    const ownMs = this.#options.invalidateTimeoutMs ?? INVALIDATE_TIMEOUT_MS;
    // In steps, so that a handful of clients will do.
    const leftMs = Math.max(INVALIDATE_STEP_MS, Math.floor(msMax / INVALIDATE_STEP_MS) * INVALIDATE_STEP_MS);
    return this.#client("invalidate", Math.min(ownMs, leftMs), 0);
  }

  async read(skus: readonly Sku[]): Promise<MirrorRead> {
    const wanted = [...new Set(skus)];
    if (wanted.length === 0) return { kind: "read", hits: new Map() };
    try {
      const chunks = skuChunks(wanted);
      const texts = await Promise.all(chunks.map((chunk) => readTexts(this.#reader, chunk)));
      return { kind: "read", hits: this.#parseHits(wanted, texts.flat()) };
    } catch (thrown) {
      return { kind: "unavailable", reason: this.#report("read", thrown) };
    }
  }

  async write(views: readonly LevelsView[]): Promise<MirrorWrite> {
    const tally = new WriteTally();
    try {
      const chunks = requestsOf(views.map((view) => this.#writeArgs(view)));
      const writes = chunks.map((chunk) =>
        writeChunk(this.#writer, chunk, tally).catch((thrown) => tally.fail(thrown)),
      );
      await Promise.all(writes);
    } catch (thrown) {
      tally.fail(thrown);
    }
    const reason = tally.fault === null ? null : this.#report("write", tally.fault);
    const { written, stale } = tally;
    return reason !== null && written + stale === 0
      ? { kind: "unavailable", reason }
      : { kind: "written", written, stale };
  }

  async invalidate(skus: readonly Sku[], msMax = Number.POSITIVE_INFINITY): Promise<void> {
    if (skus.length === 0) return;
    try {
      await deleteLevels(this.#invalidator(msMax), skus);
    } catch (thrown) {
      this.#report("invalidate", thrown);
    }
  }

  async ping(): Promise<"ok" | "unavailable"> {
    try {
      const pong = await this.#reader.ping();
      if (pong !== "PONG") throw new BadReply();
      return "ok";
    } catch (thrown) {
      this.#report("ping", thrown);
      return "unavailable";
    }
  }

  /**
   * One client per kind of call and limit: making one for each costs a tenth of a millisecond at the edge. It holds no connection.
   * Throws for an address that is none.
   */
  #client(kind: string, timeoutMs: number, retries: number): Redis {
    const name = `${kind} ${timeoutMs}`;
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const { url, token } = this.#options;
    const client = new Redis({
      url,
      token,
      // A function: given the signal itself, the client answers a timeout with a made-up value instead of throwing. Asked
      // for at each request. The platform's own timer: one made of setTimeout and an abort costs a hundred times as much.
      signal: () => AbortSignal.timeout(timeoutMs),
      // Never `false`: the client would still try twice.
      retry: { retries, backoff: () => RETRY_PAUSE_MS },
      automaticDeserialization: false,
      // All we store is valid UTF-8, so base64 would only cost time and a third more bytes.
      responseEncoding: false,
      // Every value is guarded by its version and expires soon; waiting for a replica would cost the read's short limit.
      readYourWrites: false,
      enableAutoPipelining: false,
      enableTelemetry: false,
    });
    this.#clients.set(name, client);
    return client;
  }

  #writeArgs(view: LevelsView): WriteArgs {
    const { ttlSecondsMin, ttlSecondsMax, versionTtlSeconds, random } = this.#options;
    const ttlSeconds = ttlSecondsMin + Math.floor(random() * (ttlSecondsMax - ttlSecondsMin + 1));
    return {
      keys: [levelsKey(view.sku), versionKey(view.sku)],
      args: [String(view.version), JSON.stringify(view), String(ttlSeconds), String(versionTtlSeconds)],
    };
  }

  #parseHits(skus: readonly Sku[], texts: readonly (string | null)[]): ReadonlyMap<Sku, LevelsView> {
    const hits = new Map<Sku, LevelsView>();
    let firstMalformed: string | null = null;
    skus.forEach((sku, i) => {
      const text = texts[i] ?? null;
      if (text === null) return;
      const parsed = parseText(text, sku);
      if (typeof parsed === "string") firstMalformed ??= parsed;
      else hits.set(sku, parsed);
    });
    if (firstMalformed !== null) {
      this.#options.onFault?.({ operation: "read", reason: "malformed_value", code: firstMalformed });
    }
    return hits;
  }

  #report(operation: MirrorFault["operation"], thrown: unknown): MirrorFault["reason"] {
    const { reason, code } = causeOf(thrown);
    this.#options.onFault?.({ operation, reason, code });
    return reason;
  }
}

/** The view, or the name of what is wrong with it. */
function parseText(text: string, sku: Sku): LevelsView | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "(no JSON)";
  }
  const parsed = parseLevelsView(json);
  if (!parsed.ok) return parsed.error.field;
  return parsed.value.sku === sku ? parsed.value : "sku";
}
