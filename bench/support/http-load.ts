/**
 * Sends prepared requests over kept-alive connections, `inFlight` at a time, and times each from its first byte to the last of
 * its answer. Runs in a thread of its own, so that what it costs is not taken from the Redis gateway beside it.
 */
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

export type LoadRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Load = {
  readonly url: string;
  readonly inFlight: number;
  readonly requests: readonly LoadRequest[];
  /** Keeps the answers' texts. */
  readonly keepsTexts?: boolean;
};

export type LoadResult = {
  readonly seconds: number;
  /** Per request, in order. */
  readonly ms: readonly number[];
  readonly statuses: readonly number[];
  readonly texts: readonly string[];
};

/** @throws when a connection breaks: a benchmark that loses requests measures nothing */
export function runLoad(load: Load): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: load });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function send(load: Load): Promise<LoadResult> {
  const { hostname, port } = new URL(load.url);
  const agent = new Agent({ keepAlive: true, maxSockets: load.inFlight });
  const count = load.requests.length;
  const ms = new Array<number>(count).fill(0);
  const statuses = new Array<number>(count).fill(0);
  const texts = load.keepsTexts === true ? new Array<string>(count).fill("") : [];
  let next = 0;
  const startedMs = performance.now();
  const sendInTurn = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const one = load.requests[i];
      if (one === undefined) return;
      const sentMs = performance.now();
      const answer = await sendOne(one, { agent, hostname, port });
      ms[i] = performance.now() - sentMs;
      statuses[i] = answer.status;
      if (load.keepsTexts === true) texts[i] = answer.text;
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, sendInTurn));
  const seconds = (performance.now() - startedMs) / 1_000;
  agent.destroy();
  return { seconds, ms, statuses, texts };
}

type Where = { readonly agent: Agent; readonly hostname: string; readonly port: string };

function sendOne(
  { method, path, headers, body }: LoadRequest,
  where: Where,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const sent = request({ ...where, method, path, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

if (!isMainThread) parentPort?.postMessage(await send(workerData as Load));
