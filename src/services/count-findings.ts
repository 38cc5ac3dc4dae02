/** Counts that wait for a person, what became of them, and what does not go together, as people ask for them. */
import type { CountNews, CountWord } from "../domain/counter/counter-news.ts";
import type { CorrelationId, Sku, SkuId } from "../domain/ids.ts";
import { sha256Hex } from "./sha256.ts";

export const FINDING_KINDS = ["approval", "contradiction", "not_stocked", "below_zero"] as const;
export const FINDING_STATES = ["held", "booked", "rejected", "superseded", "noted"] as const;

/** `noted`: nobody need decide anything of it. */
export type CountFinding = Omit<CountNews, "kind" | "word"> & {
  readonly id: string;
  readonly skuId: SkuId;
  readonly sku: Sku;
  readonly kind: (typeof FINDING_KINDS)[number];
  readonly state: (typeof FINDING_STATES)[number];
  readonly correlationId: CorrelationId;
  readonly decidedAtMs: number | null;
};

export type CountFilter = {
  readonly state?: CountFinding["state"] | undefined;
  readonly kind?: CountFinding["kind"] | undefined;
  readonly sku?: Sku | undefined;
  readonly limit: number;
  /** Opaque; from the page before. */
  readonly cursor?: string | undefined;
};

export interface CountFindingStore {
  /** Durable when it returns. What is decided stays so, whatever comes late. */
  put(finding: CountFinding): Promise<void>;
  /** Newest first. */
  list(
    filter: CountFilter,
  ): Promise<{ readonly findings: readonly CountFinding[]; readonly nextCursor: string | null }>;
  get(id: string): Promise<CountFinding | null>;
}

const KIND_AND_STATE: Readonly<Record<CountWord, Pick<CountFinding, "kind" | "state">>> = {
  held: { kind: "approval", state: "held" },
  booked: { kind: "approval", state: "booked" },
  rejected: { kind: "approval", state: "rejected" },
  superseded: { kind: "approval", state: "superseded" },
  contradiction: { kind: "contradiction", state: "noted" },
  not_stocked: { kind: "not_stocked", state: "noted" },
  below_zero: { kind: "below_zero", state: "noted" },
};

/** Its id is a hash of counter, key and kind (96 bits): all that is told of one count is one finding. */
export async function findingOf(
  { word, ...news }: CountNews,
  of: Pick<CountFinding, "skuId" | "sku" | "correlationId">,
): Promise<CountFinding> {
  const { kind, state } = KIND_AND_STATE[word];
  const hash = await sha256Hex(new TextEncoder().encode(`${of.skuId}|${news.key}|${kind}`));
  const decidedAtMs = state === "held" || state === "noted" ? null : news.atMs;
  return { ...news, ...of, id: `cf_${hash.slice(0, 24)}`, kind, state, decidedAtMs };
}
