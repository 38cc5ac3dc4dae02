/** Consumer of the sync queue: signals of one shop are answered together, so that the gate can pack their rows. */
import { backoffSeconds } from "../domain/backoff.ts";
import type { Log } from "../observability/log.ts";
import { type SyncDeps, syncShopify } from "../services/sync-shopify.ts";
import { deadLetterOf, type LastWords } from "./dead-letter-message.ts";
import type { QueueSpec } from "./queue-table.ts";
import { type DirtySignal, parseSignal } from "./signal.ts";

export interface ConsumeShopifySyncDeps extends SyncDeps {
  deadLetter(words: LastWords): Promise<boolean>;
  readonly log: Log;
  nowMs(): number;
  random(): number;
}

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
    else {
      const reason = { code: "unreadable", message: parsed.error.problems.join("; ") };
      if (await deps.deadLetter(deadLetterOf(message, spec.queue, reason, deps.nowMs()))) message.ack();
      else message.retry({ delaySeconds: backoffSeconds(message.attempts, spec, deps.random) });
    }
  }
  const byShop = Map.groupBy(readable, ({ signal }) => signal.shop);
  await Promise.all(
    Array.from(byShop, async ([shop, signals]) => {
      const skuIds = [...new Set(signals.map(({ signal }) => signal.skuId))];
      const { verdicts, pushes, reads } = await syncShopify(shop, skuIds, deps);
      for (const { message, signal } of signals) {
        const verdict = verdicts[skuIds.indexOf(signal.skuId)];
        if (verdict?.kind === "done") message.ack();
        else await retry(message, verdict?.reason ?? "no verdict", spec, deps);
      }
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

async function retry(
  message: Message<unknown>,
  reason: string,
  spec: QueueSpec,
  deps: ConsumeShopifySyncDeps,
): Promise<void> {
  if (message.attempts > spec.triesMax) {
    const words = deadLetterOf(message, spec.queue, { code: "out_of_tries", message: reason }, deps.nowMs());
    if (await deps.deadLetter(words)) return message.ack();
  }
  const delaySeconds = backoffSeconds(message.attempts, spec, deps.random);
  deps.log("warn", "message.retried", { queue: spec.queue, attempts: message.attempts, delaySeconds, reason });
  message.retry({ delaySeconds });
}
