/** A request for more stock and its cancellation are two documents: whichever is late must not bring goods that nobody wants. */
import { expect, it } from "vitest";
import { fromStore } from "../../../src/domain/ids.ts";
import { NOT_CALLED } from "../../../src/domain/reply-beginning.ts";
import type { ChannelMessage } from "../../../src/services/channels/channel-call.ts";
import { documentId } from "../../../src/services/channels/channel-documents.ts";
import { sendDocument } from "../../../src/services/channels/send-document.ts";
import { d1ChannelDocuments } from "../../../src/store/d1-channel-documents.ts";
import { channelDraft, WMS } from "../../support/channels/draft.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const documents = d1ChannelDocuments(new SqliteD1().db);
const told: string[] = [];
const channel = { ...channelDraft(), state: "active", readOnly: false, revision: 1 } as const;

async function put(type: "reorder.requested" | "reorder.cancelled", subject: string): Promise<string> {
  const id = await documentId(WMS, type, subject);
  const written = { channel: WMS, type, subject, orderId: null, version: 1, data: {}, correlationId: fromStore("c") };
  await documents.put(id, written as never, 1_000);
  return id;
}

const send = (id: string) =>
  sendDocument(WMS, id, {
    channels: { get: async () => ({ channel, secrets: { signing: ["whsec_x"], credentials: {} } }) as never },
    callChannel: async (_, { type }: ChannelMessage) => {
      told.push(type);
      return { kind: "taken", ...NOT_CALLED };
    },
    documents,
    onGone: async () => {},
    nowMs: () => 2_000,
  });

it("sends no request any more whose cancellation is written down, and says why; the cancellation goes", async () => {
  const request = await put("reorder.requested", "ro_1");
  const cancellation = await put("reorder.cancelled", "ro_1");
  expect((await send(cancellation)).verdict).toEqual({ kind: "done", outcome: "told" });
  expect((await send(request)).verdict).toEqual({ kind: "done", outcome: "nothing" });
  expect(told).toEqual(["reorder.cancelled"]);
  expect(await documents.get(request)).toMatchObject({ state: "withheld", attempts: [{ outcome: "overtaken" }] });
});

it("sends another request as ever", async () => {
  expect((await send(await put("reorder.requested", "ro_2"))).verdict).toEqual({ kind: "done", outcome: "told" });
});
