/** The mirror inside a Worker, driven by requests: what to call comes as JSON, what it answered goes back as JSON. */
import { createMirror } from "../../../src/store/redis-mirror.ts";
import { levelsView, skuOf } from "./levels-view-builder.ts";

export type MirrorCall = {
  readonly url: string;
  readonly token: string;
  readonly call: "write" | "read" | "invalidate" | "ping";
  readonly sku: string;
  readonly version: number;
};

export default {
  async fetch(request: Request): Promise<Response> {
    const { url, token, call, sku, version } = (await request.json()) as MirrorCall;
    const faults: unknown[] = [];
    const mirror = createMirror({
      url,
      token,
      random: Math.random,
      ttlSecondsMin: 30,
      ttlSecondsMax: 60,
      versionTtlSeconds: 86_400,
      onFault: (fault) => faults.push(fault),
    });
    const answer = await (async () => {
      switch (call) {
        case "write":
          return mirror.write([levelsView({ sku, version })]);
        case "read": {
          const read = await mirror.read([skuOf(sku)]);
          return read.kind === "read" ? [...read.hits.values()] : read;
        }
        case "invalidate":
          return (await mirror.invalidate([skuOf(sku)])) ?? null;
        case "ping":
          return mirror.ping();
      }
    })();
    return Response.json({ answer, faults });
  },
};
