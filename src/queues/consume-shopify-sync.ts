/** Consumer of the sync queue: signals of one shop are answered together, so that the gate can pack their rows. */
import type { Message, MessageBatch } from "@cloudflare/workers-types";
import type { SkuId } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import { type SyncDeps, type Synced, syncShopify } from "../services/sync-shopify.ts";
import type { QueueSpec } from "./queue-table.ts";
import { bury, retryOrBury, type SettleDeps } from "./settle.ts";
import { type DirtySignal, parseSignal } from "./signal.ts";

export interface ConsumeShopifySyncDeps extends SyncDeps, SettleDeps {}

type Readable = { readonly message: Message<unknown>; readonly signal: DirtySignal };

export async function consumeShopifySync(
  batch: MessageBatch<unknown>,
  spec: QueueSpec,
  deps: ConsumeShopifySyncDeps,
): Promise<void> {
  const startedMs = deps.nowMs();
  const readable: Readable[] = [];
  for (const message of batch.messages) {
    const parsed = parseSignal(message.body);
    if (parsed.ok) readable.push({ message, signal: parsed.value });
    else await bury(message, spec, { code: "unreadable", message: parsed.error.problems.join("; ") }, deps);
  }
  const byShop = Map.groupBy(readable, ({ signal }) => signal.shop);
  await Promise.all(
    Array.from(byShop, async ([shop, signals]) => {
      const skuIds = [...new Set(signals.map(({ signal }) => signal.skuId))];
      const { verdicts, pushes, reads, submitted } = await syncShopify(shop, skuIds, deps);
      for (const { message, signal } of signals) {
        const verdict = verdicts[skuIds.indexOf(signal.skuId)];
        if (verdict?.kind === "done") message.ack();
        else await retryOrBury(message, spec, verdict?.reason ?? "no verdict", deps, verdict?.code);
      }
      deps.journal(submittedEntries(signals, (skuId) => submitted[skuIds.indexOf(skuId)], deps.nowMs()));
      const oldestMs = Math.min(startedMs, ...signals.map(({ signal }) => signal.sentAt));
      deps.log("info", "sync.consumed", {
        queue: batch.queue,
        shop,
        counts: { signals: signals.length, pushes, reads },
        queuedMs: startedMs - oldestMs,
        lagMs: deps.nowMs() - oldestMs,
      });
    }),
  );
}

/** One per cause and SKU that had something for its shop; `ms`: since the counter signalled it. */
function submittedEntries(
  signals: readonly Readable[],
  submittedOf: (skuId: SkuId) => Synced["submitted"][number] | undefined,
  atMs: number,
): readonly JournalEntry[] {
  return signals.flatMap(({ signal: { skuId, shop, correlationId, sentAt } }): JournalEntry[] => {
    const { pushes = 0, reads = 0 } = submittedOf(skuId) ?? {};
    if (pushes + reads === 0) return [];
    const outcome = pushes > 0 ? "push" : "read";
    const about = { eventId: null, topic: "dirty", shop, skuIds: [skuId] };
    return [{ atMs, correlationId, step: "submitted", ...about, outcome, ms: Math.max(0, atMs - sentAt) }];
  });
}
