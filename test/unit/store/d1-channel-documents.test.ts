import { expect, it } from "vitest";
import { type ChannelId, type CorrelationId, fromStore } from "../../../src/domain/ids.ts";
import { d1ChannelDocuments } from "../../../src/store/d1-channel-documents.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

it("a page of documents begins where the one before ended, and the last one says that it is", async () => {
  const store = d1ChannelDocuments(new SqliteD1().db);
  const channel = fromStore<ChannelId>("wms");
  const document = { channel, type: "order.fulfilment", version: 1, data: {} } as const;
  const correlationId = fromStore<CorrelationId>("c");
  const put = (id: string, atMs: number) =>
    store.put(id, { ...document, subject: `a/${id}`, orderId: id, correlationId }, atMs);
  for (const [id, atMs] of [
    ["doc_1", 10],
    ["doc_2", 20],
    ["doc_3", 20],
    ["doc_4", 30],
  ] as const)
    await put(id, atMs);
  const first = await store.list({ channel, limit: 2 });
  expect([first.documents.map(({ id }) => id), first.nextCursor]).toEqual([["doc_4", "doc_3"], "20.doc_3"]);
  const second = await store.list({ channel, limit: 2, cursor: first.nextCursor ?? "" });
  expect([second.documents.map(({ id }) => id), second.nextCursor]).toEqual([["doc_2", "doc_1"], null]);
  expect((await store.list({ channel, limit: 9, orderId: "doc_2", state: "waiting" })).documents).toHaveLength(1);
});
