/** What a counter's desk needs from outside. The object gives it the runtime's; tests and the simulator their own. */
import type { CounterConfig } from "../src/domain/counter/apply-batch.ts";
import type { OutboxPolicy } from "../src/domain/counter/outbox.ts";
import type { SkuId } from "../src/domain/ids.ts";
import type { LevelsView } from "../src/domain/levels-view.ts";
import type { Log } from "../src/observability/log.ts";
import type { ChannelSignal } from "../src/queues/channel-signal.ts";
import type { LastWords } from "../src/queues/dead-letter-message.ts";
import type { OversellNotice } from "../src/queues/oversell-notice.ts";
import type { DirtySignal } from "../src/queues/signal.ts";
import type { CounterNotice } from "../src/services/counter-notices.ts";
import type { ObjectStorage } from "./object-storage.ts";
import type { ShortfallLimits } from "./sku-counter-reports.ts";

/** How a counter keeps time. */
export type CounterSettings = CounterConfig & {
  readonly outbox: OutboxPolicy;
  readonly pruneEveryMs: number;
  readonly pruneRowsMax: number;
  readonly shortfall: ShortfallLimits;
  /** Movements that one question to the history looks through, at most. */
  readonly historyRowsMax: number;
  /** How often a counter measures what it sells, where a rule of reordering asks for it. */
  readonly salesEveryMs: number;
};

export type CounterDeps = {
  readonly skuId: SkuId;
  readonly storage: ObjectStorage;
  readonly settings: CounterSettings;
  /** Rejects when the queue refuses: the alarm signals again. */
  readonly signal: (signal: DirtySignal) => Promise<unknown>;
  /** As `signal`, for a channel that is told levels. */
  readonly signalChannel: (signal: ChannelSignal) => Promise<unknown>;
  /** Rejects when the queue refuses: the alarm reports again. */
  readonly report: (notice: OversellNotice) => Promise<unknown>;
  /** Rejects when the queue refuses: the alarm tells again. */
  readonly tell: (notice: CounterNotice) => Promise<unknown>;
  /** Never rejects. */
  readonly mirror: (views: readonly LevelsView[]) => Promise<unknown>;
  /** Rejects when the queue refuses: the gate reports again. */
  readonly park: (words: LastWords) => Promise<unknown>;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly sleep: (ms: number) => Promise<void>;
  /** Goes on after the answer. */
  readonly beside: (work: Promise<unknown>) => void;
  readonly log: Log;
};
