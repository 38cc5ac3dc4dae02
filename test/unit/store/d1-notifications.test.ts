import { beforeEach, describe, expect, it } from "vitest";
import { d1Notifications } from "../../../src/store/d1-notifications.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";
import { news } from "../../support/notifications.ts";

let d1: SqliteD1;
beforeEach(() => {
  d1 = new SqliteD1();
});
const store = () => d1Notifications(d1.db);

/** Every page, until there is no next. */
async function pages<Page extends { readonly nextCursor: string | null }>(
  read: (cursor: string | undefined) => Promise<Page>,
): Promise<readonly Page[]> {
  const all: Page[] = [];
  for (let cursor: string | null | undefined; cursor !== null; cursor = all.at(-1)?.nextCursor)
    all.push(await read(cursor));
  return all;
}

describe("a page", () => {
  beforeEach(async () => {
    const given = [
      news({ id: "stock/a/1", atMs: 10 }),
      news({ id: "stock/a/2", atMs: 20 }),
      news({ id: "stock/b/2", atMs: 20 }),
      news({ id: "stock/c.1/3", atMs: 30 }),
    ];
    await store().put(
      given.map((each, n) => ({
        news: each,
        deliveries: [{ id: `dlv_${n}`, destinationId: "ops", state: "waiting", dueAtMs: 0 }],
      })),
      ...([0, 50] as const),
    );
  });

  it("of notifications begins where the one before ended, also within one moment", async () => {
    const all = await pages((cursor) => store().list({ limit: 2, cursor }));
    expect(all.map(({ news: each }) => each.map(({ id }) => id))).toEqual([
      ["stock/c.1/3", "stock/b/2"],
      ["stock/a/2", "stock/a/1"],
    ]);
    const one = await pages((cursor) => store().list({ limit: 1, cursor }));
    expect(one.map(({ news: [each] }) => each?.id)).toEqual(["stock/c.1/3", "stock/b/2", "stock/a/2", "stock/a/1"]);
  });

  it("of deliveries does the same, for one destination", async () => {
    const all = await pages((cursor) => store().deliveriesOf("ops", { limit: 3, cursor }));
    expect(all.map(({ deliveries }) => deliveries.map(({ id }) => id))).toEqual([
      ["dlv_3", "dlv_2", "dlv_1"],
      ["dlv_0"],
    ]);
    expect(await store().deliveriesOf("other", { limit: 3 })).toEqual({ deliveries: [], nextCursor: null });
  });
});
