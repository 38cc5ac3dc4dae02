/** What a channel would be told now, a page of SKUs at a time: looked at, and nothing is handed out. */
import { isToldLevels } from "../../domain/channel/channel.ts";
import { type LevelRow, levelRowsOf } from "../../domain/channel/level-rows.ts";
import type { ChannelId, Sku, SkuId } from "../../domain/ids.ts";
import { atMost } from "../at-most.ts";
import type { Counters } from "../counter-contract.ts";
import type { ChannelDirectory } from "./channel-directory.ts";

export interface PreviewDeps {
  readonly channels: Pick<ChannelDirectory, "get">;
  readonly counters: Pick<Counters, "of">;
  readonly pages: {
    /** SKUs that it sells, with what it calls them, in order of their names, those after `after`. */
    page(
      channel: ChannelId,
      isMapped: boolean,
      after: string | null,
      limit: number,
    ): Promise<readonly { readonly sku: Sku; readonly skuId: SkuId; readonly items: readonly string[] }[]>;
  };
  readonly callsMax: number;
}

export type Preview = {
  /** Whether it is told at all now; else this is what would be. */
  readonly isTold: boolean;
  readonly readOnly: boolean;
  readonly levels: readonly LevelRow[];
  /** SKU to go on after; null: this was the last page. */
  readonly next: Sku | null;
};

/** @returns null: there is no such channel */
export async function previewChannel(
  id: ChannelId,
  after: string | null,
  limit: number,
  { channels, counters, pages, callsMax }: PreviewDeps,
): Promise<Preview | null> {
  const known = await channels.get(id);
  if (known === null) return null;
  const { channel } = known;
  const page = await pages.page(id, channel.listings === "mapped", after, limit);
  const rows = await atMost(callsMax, page, async ({ skuId, items }) => {
    const reply = await counters.of(skuId).sellable(id);
    return reply === null ? [] : levelRowsOf(channel, items, reply.sellable);
  });
  const next = page.length === limit ? (page.at(-1)?.sku ?? null) : null;
  return { isTold: isToldLevels(channel), readOnly: channel.readOnly, levels: rows.flat(), next };
}
