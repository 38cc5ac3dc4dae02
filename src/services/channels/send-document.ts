/** Sends a document as it stands now: an older message brings the newest state, and what is sent already goes once. */
import { isTold } from "../../domain/channel/channel.ts";
import type { ChannelId } from "../../domain/ids.ts";
import { maskReason } from "../../domain/mask-text.ts";
import { NOT_CALLED } from "../../domain/reply-beginning.ts";
import { reasonOf } from "../../observability/log.ts";
import type { CallChannel, ChannelCalled } from "./channel-call.ts";
import type { ChannelDirectory } from "./channel-directory.ts";
import { type ChannelDocument, type DocumentState, type DocumentStore, documentId } from "./channel-documents.ts";
import { type ChannelVerdict, verdictOf, WITHHELD } from "./channel-verdict.ts";
import type { SyncChannelDeps } from "./sync-channel.ts";

export interface SendDocumentDeps extends Pick<SyncChannelDeps, "onGone"> {
  readonly channels: Pick<ChannelDirectory, "get">;
  readonly callChannel: CallChannel;
  readonly documents: DocumentStore;
  nowMs(): number;
}

/** @returns with the document as it was, for whoever writes down what came of it */
export async function sendDocument(
  channelId: ChannelId,
  id: string,
  deps: SendDocumentDeps,
): Promise<{ readonly verdict: ChannelVerdict; readonly document: ChannelDocument | null }> {
  const { channels, documents, callChannel, onGone, nowMs } = deps;
  let document: ChannelDocument | null = null;
  try {
    document = await documents.get(id);
    if (document === null || document.state === "sent")
      return { verdict: { kind: "done", outcome: "nothing" }, document };
    const known = await channels.get(channelId);
    // It waits: whoever resumes the channel, or has it listened to again, sends what waits once more.
    if (known === null || !isTold(known.channel)) return { verdict: { kind: "done", outcome: "paused" }, document };
    const { type, data, version, subject } = document;
    if (await isOvertaken(document, documents)) {
      const attempt = { atMs: nowMs(), outcome: "overtaken", reason: OVERTAKEN, ...NOT_CALLED };
      await documents.attempted(id, version, "withheld", attempt);
      return { verdict: { kind: "done", outcome: "nothing" }, document };
    }
    const content = JSON.stringify([subject, version]);
    const called = known.channel.readOnly ? WITHHELD : await callChannel(known, { type, data, content, urgent: false });
    if (called.kind === "wait") return { verdict: called, document };
    if (called.kind === "gone") await onGone(known.channel);
    const reason = "reason" in called ? maskReason(called.reason) : null;
    const { kind: outcome, status, reply, ms } = called;
    const attempt = { atMs: nowMs(), outcome, reason, status, reply, ms };
    await documents.attempted(id, version, STATE_AFTER[called.kind], attempt);
    return { verdict: verdictOf(called), document };
  } catch (error) {
    return { verdict: { kind: "retry", reason: reasonOf(error), code: "store" }, document };
  }
}

const OVERTAKEN = "it was cancelled before the channel had it";

/** Told after its cancellation, a request for more stock would be one of its own, and goods that nobody wants would come. */
async function isOvertaken({ channel, type, subject }: ChannelDocument, documents: DocumentStore): Promise<boolean> {
  if (type !== "reorder.requested") return false;
  return (await documents.get(await documentId(channel, "reorder.cancelled", subject))) !== null;
}

type Outcome = Exclude<ChannelCalled, { kind: "wait" }> | typeof WITHHELD;

const STATE_AFTER: Readonly<Record<Outcome["kind"], DocumentState>> = {
  taken: "sent",
  refused: "failed",
  failed: "waiting",
  gone: "waiting",
  withheld: "withheld",
};
