/**
 * The mirror in a Redis that runs the shipped Lua text. Requests are slow, lost on either way, or repeated after their
 * caller has given them up: the version alone keeps an old write out.
 */

import { LuaScripts } from "../../../dev/upstash-gateway/embedded/lua-scripts.ts";
import { isErrorReply, type Reply } from "../../../dev/upstash-gateway/engine.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { Mirror, MirrorWrite } from "../../../src/services/mirror.ts";
import { levelsKey, versionKey } from "../../../src/store/mirror-keys.ts";
import { SET_IF_NOT_OLDER } from "../../../src/store/redis-scripts.ts";
import type { Prng } from "../replica/prng.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import { isWithin, type Window } from "./plan.ts";

const SLOW_MS_MAX = 90_000;
const LATENCY_MS_MAX = 20;
const TTL_SECONDS = 45;
const VERSION_TTL_SECONDS = 86_400;

/** One Lua for all seeds of a process: making one takes longer than playing a minute. */
let current: ModelRedis | null = null;
const scripts = new LuaScripts((name, args): Reply => {
  const [key = "", value = "", , seconds = "0"] = args.map((arg) => arg.toString("utf8"));
  if (name.toUpperCase() === "GET") {
    const stored = current?.get(key) ?? null;
    return stored === null ? null : Buffer.from(stored);
  }
  if (name.toUpperCase() !== "SET") return { error: `ERR unknown command '${name}'` };
  current?.set(key, value, Number(seconds));
  return "OK";
});
const sourceBytes = Buffer.from(SET_IF_NOT_OLDER.source);

export type RedisDeps = {
  readonly clock: Clock;
  readonly prng: Prng;
  readonly faults: Faults;
  readonly outages: readonly Window[];
  /** What Redis holds of a SKU, after a write. */
  readonly written: (view: LevelsView, version: number) => void;
};

export class ModelRedis implements Pick<Mirror, "write"> {
  readonly #deps: RedisDeps;
  readonly #data = new Map<string, { readonly value: string; readonly untilMs: number }>();

  constructor(deps: RedisDeps) {
    this.#deps = deps;
  }

  write(views: readonly LevelsView[]): Promise<MirrorWrite> {
    const { clock, prng, faults, outages } = this.#deps;
    const away = { kind: "unavailable", reason: "timeout" } as const;
    return new Promise((resolve) => {
      if (!faults.isOver && isWithin(outages, clock.nowMs)) {
        faults.note("redis_down");
        clock.in(1, () => resolve(away));
        return;
      }
      const isSlow = faults.strikes("redis_slow");
      clock.in(isSlow ? prng.int(1_000, SLOW_MS_MAX) : prng.int(0, LATENCY_MS_MAX), () => {
        for (const view of views) this.#write(view);
        if (!isSlow)
          resolve(faults.strikes("redis_answer_lost") ? away : { kind: "written", written: views.length, stale: 0 });
      });
      if (isSlow) clock.in(1_000, () => resolve(away));
    });
  }

  /** What is read there; null: nothing was written, or it has expired. */
  read(sku: LevelsView["sku"]): LevelsView | null {
    const text = this.get(levelsKey(sku));
    return text === null ? null : (JSON.parse(text) as LevelsView);
  }

  get(key: string): string | null {
    const entry = this.#data.get(key);
    return entry === undefined || entry.untilMs <= this.#deps.clock.nowMs ? null : entry.value;
  }

  set(key: string, value: string, seconds: number): void {
    this.#data.set(key, { value, untilMs: this.#deps.clock.nowMs + seconds * 1_000 });
  }

  #write(view: LevelsView): void {
    const keys = [levelsKey(view.sku), versionKey(view.sku)].map((key) => Buffer.from(key));
    const args = [String(view.version), JSON.stringify(view), String(TTL_SECONDS), String(VERSION_TTL_SECONDS)];
    current = this;
    const buffers = args.map((arg) => Buffer.from(arg));
    const reply = scripts.evaluate(sourceBytes, keys, buffers);
    if (isErrorReply(reply)) throw new Error(reply.error);
    const now = this.read(view.sku);
    if (now !== null) this.#deps.written(now, Number(this.get(versionKey(view.sku))));
  }
}
