/** The least that could answer a webhook: reads the body and says 200; the second also puts a message of its size on a queue. */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

const BARE = `export default {
  async fetch(request) {
    await request.arrayBuffer();
    return new Response("ok");
  },
};`;

const SENDING = `export default {
  async fetch(request, env) {
    const body = await request.arrayBuffer();
    await env.QUEUE.send({ bytes: body.byteLength, filler: env.FILLER });
    return new Response("ok");
  },
};`;

export type BareWorker = { readonly url: string; stop(): Promise<void> };

/** @param sends  null, or the bytes of the message that it puts on its queue for each request */
export async function startBareWorker(sends: number | null): Promise<BareWorker> {
  const options = {
    name: "bare",
    modules: [{ type: "ESModule", path: "index.js", contents: sends === null ? BARE : SENDING }],
    compatibilityDate: "2026-10-30",
    bindings: { FILLER: "x".repeat(sends ?? 0) },
    queueProducers: { QUEUE: "bare" },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    cf: false,
    log: new Log(LogLevel.ERROR),
  };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions(options as unknown as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  await miniflare.ready;
  return { url: (await miniflare.unsafeGetDirectURL()).origin, stop: () => miniflare.dispose() };
}
