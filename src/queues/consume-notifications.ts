/** Consumer of notifications: stored so that people and metrics can ask, and logged under the metric's name. */
import type { Message, MessageBatch } from "@cloudflare/workers-types";
import { reasonOf } from "../observability/log.ts";
import { type OversellStore, oversellId } from "../services/oversells.ts";
import { type OversellNotice, parseOversellNotice } from "./oversell-notice.ts";
import type { QueueSpec } from "./queue-table.ts";
import { bury, retryOrBury, type SettleDeps } from "./settle.ts";

export interface ConsumeNotificationsDeps extends SettleDeps {
  readonly oversells: Pick<OversellStore, "put">;
}

type Readable = { readonly message: Message<unknown>; readonly notice: OversellNotice };

export async function consumeNotifications(
  batch: MessageBatch<unknown>,
  spec: QueueSpec,
  deps: ConsumeNotificationsDeps,
): Promise<void> {
  const readable: Readable[] = [];
  for (const message of batch.messages) {
    const parsed = parseOversellNotice(message.body);
    if (parsed.ok) readable.push({ message, notice: parsed.value });
    else await bury(message, spec, { code: "unreadable", message: parsed.error.problems.join("; ") }, deps);
  }
  if (readable.length === 0) return;
  try {
    const news = await Promise.all(
      readable.map(async ({ notice }) => ({ ...notice, id: await oversellId(notice.skuId, notice.since) })),
    );
    const isNews = await deps.oversells.put(news);
    for (const [i, { message, notice }] of readable.entries()) {
      if (isNews[i] === true) tell(notice, deps);
      message.ack();
    }
  } catch (error) {
    for (const { message } of readable) await retryOrBury(message, spec, reasonOf(error), deps);
  }
}

function tell(notice: OversellNotice, { log }: Pick<SettleDeps, "log">): void {
  const { skuId, sku, units, peak, correlationId, sales } = notice;
  if (units > 0)
    log("warn", "sku.oversold", { skuId, sku, units, correlationId, counts: { peak, sales: sales.length } });
  else log("info", "sku.oversell_resolved", { skuId, sku, units: peak, correlationId });
}
