/** What was asked of the API, for the journal: every write that was not only tried. Written beside the answer. */
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { JOURNAL_SKUS_MAX } from "../domain/journal/entry.ts";
import type { AppEnv } from "./app-env.ts";

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** It reads, and its SKUs are too many for a query. */
const BATCH_READ = "/v1/inventory/batch";

/** A key is the caller's: one that may be an address of somebody is not written down. */
const plain = (key: string | undefined): string | null => (key && /^[\w.:=/-]{1,200}$/.test(key) ? key : null);

const outcomeOf = (status: number): string => (status < 400 ? "accepted" : status < 500 ? "refused" : "failed");

export const journalWrites = (): MiddlewareHandler<AppEnv> =>
  async function journalWrites(c, next) {
    const atMs = Date.now();
    await next();
    if (READS.has(c.req.method) || c.req.path === BATCH_READ || c.req.query("dryRun") === "true") return;
    const { journal, touched } = c.get("services");
    const { status } = c.res;
    const code = c.get("problem");
    journal({
      ...{ atMs, correlationId: c.get("correlationId"), step: "written", shop: null },
      eventId: plain(c.req.header("idempotency-key")),
      topic: `${c.req.method} ${routePath(c, -1)}`,
      outcome: outcomeOf(status),
      ...(code === undefined ? {} : { code }),
      ...(touched.size === 0 ? {} : { skuIds: [...touched].slice(0, JOURNAL_SKUS_MAX) }),
      ms: Date.now() - atMs,
    });
  };
