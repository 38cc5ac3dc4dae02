/**
 * The Worker's own heap in the running runtime, by its inspector: what is in use once the garbage is gone. Memory of the whole
 * process says less: most of it is what the platform holds for the Worker (SQLite's page caches, the queues' and the
 * database's own isolates), here in one process.
 * @see https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#method-getHeapUsage
 */
import { createServer } from "node:net";
import * as z from "zod/mini";

export interface WorkerHeap {
  /** Bytes in use. Stops the isolate for some tens of milliseconds. */
  inUse(): Promise<number>;
  close(): void;
}

const targets = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.string() }));
const answer = z.object({ id: z.int(), result: z.optional(z.object({ usedSize: z.optional(z.number()) })) });

const TARGET = "core:user:onhand";

export async function openWorkerHeap(inspectorPort: number): Promise<WorkerHeap> {
  const listed = targets.parse(await (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json());
  const target = listed.find(({ id }) => id === TARGET);
  if (target === undefined) throw new Error(`the runtime's inspector names no ${TARGET}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("the runtime's inspector does not answer")), {
      once: true,
    });
  });
  const waiting = new Map<number, (usedSize: number) => void>();
  socket.addEventListener("message", ({ data }) => {
    const parsed = answer.safeParse(JSON.parse(String(data)));
    if (!parsed.success) return; // news of the runtime's own
    waiting.get(parsed.data.id)?.(parsed.data.result?.usedSize ?? 0);
    waiting.delete(parsed.data.id);
  });
  let last = 0;
  const call = (method: string): Promise<number> =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      socket.send(JSON.stringify({ id: last, method }));
    });
  return {
    async inUse() {
      await call("HeapProfiler.collectGarbage");
      return call("Runtime.getHeapUsage");
    },
    close: () => socket.close(),
  };
}

/** The runtime must be told its inspector's port before it starts. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port is free"));
      });
    });
  });
