/**
 * The Worker in the real runtime (workerd, started by Miniflare) with wrangler.toml's queues, objects and database. What
 * differs from production: settings and secrets, and Miniflare's queues, which live in memory.
 */
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { childrenOf, residentBytes } from "./child-processes.ts";
import { MailLog } from "./mail-log.ts";

export type WorkerOptions = {
  readonly root: string;
  /** Text of the bundle. */
  readonly bundle: string;
  /** 0: a free one. */
  readonly port: number;
  /** Settings and secrets; they override wrangler.toml's [vars]. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Where databases and objects are kept. */
  readonly persistDir: string;
  /** Whether the caller ends everything in order on Ctrl-C; else Miniflare ends the process at once, and itself with it. */
  readonly callerHandlesSignals: boolean;
  /** For benchmarks: past Miniflare's own entry worker, which would be measured too. */
  readonly isDirect?: boolean;
  /** For benchmarks: false leaves the queues without consumer, and what is sent is dropped. */
  readonly hasConsumers?: boolean;
  /** For benchmarks: where the runtime's inspector listens. */
  readonly inspectorPort?: number;
  /** For tests: whom mail may be sent to, as of a binding that is restricted. */
  readonly mailTo?: readonly string[];
  /** Each line that the Worker logs, and what the runtime says of a mail. */
  onLog(line: string, level: string): void;
};

export type ObjectClass =
  | "SkuCounter"
  | "ShopGate"
  | "ReservationCoordinator"
  | "Destination"
  | "Telemetry"
  | "WebhookInbox";

export type LocalWorker = {
  readonly url: string;
  /** Objects, queues and database as a binding sees them. */
  bindings(): Promise<LocalBindings>;
  /** One of its queues, as whoever has the binding of that name sends to it. */
  queue(binding: string): Promise<LocalQueue>;
  /** Fire a cron. */
  scheduled(cron: string): Promise<void>;
  /**
   * The runtime dies on the spot (SIGKILL), as with the machine under it: queues and all memory are gone, what was written
   * stays. Resolves when it runs again, at the same address.
   */
  crash(): Promise<void>;
  /**
   * The same Worker with these settings changed, as by a deploy, at the same address and on what was written. Its memory is gone,
   * and with it what its queues held.
   */
  redeploy(changed: Readonly<Record<string, string>>): Promise<void>;
  /** Resident memory of the runtime, bytes; 0 where the system does not tell. */
  residentBytes(): number;
  /** The object of that name leaves memory, as the platform makes it do when it likes. */
  evict(className: ObjectClass, name: string): Promise<void>;
  stop(): Promise<void>;
};

/** Of the Worker's bindings what the stack itself uses. */
export type LocalBindings = {
  readonly SKU_COUNTER: { getByName(name: string): { levels(): Promise<unknown> } };
  readonly DB: LocalD1;
};

/** Takes whatever it is given, as the queues of a deployment do. */
export type LocalQueue = { send(body: unknown): Promise<unknown> };

export type LocalD1 = {
  prepare(query: string): {
    bind(...values: unknown[]): { all<Row>(): Promise<{ results: Row[] }> };
    all<Row>(): Promise<{ results: Row[] }>;
  };
  exec(query: string): Promise<unknown>;
};

export async function startWorker(options: WorkerOptions): Promise<LocalWorker> {
  const settings = readWranglerToml(options.root);
  const others = new Set(runtimePids());
  const runtimePid = (): number | null => runtimePids().find((pid) => !others.has(pid)) ?? null;
  let restarted = (): void => {};
  const withSettings = (changed: Readonly<Record<string, string>>) =>
    convertV4MiniflareOptions({
      ...settings,
      name: "onhand",
      modules: [{ type: "ESModule", path: "index.js", contents: options.bundle }],
      bindings: { ...settings.bindings, ...options.bindings, ...changed },
      ...(options.isDirect === true ? { unsafeDirectSockets: [{ host: "127.0.0.1", port: options.port }] } : {}),
      ...(options.hasConsumers === false ? { queueConsumers: {} } : {}),
      ...(options.inspectorPort === undefined ? {} : { inspectorPort: options.inspectorPort }),
      host: "127.0.0.1",
      port: options.isDirect === true ? 0 : options.port,
      cf: false,
      log: new MailLog((text) => options.onLog(text, "info")),
      ...(options.mailTo === undefined
        ? {}
        : { email: { send_email: [{ name: "EMAIL", allowed_destination_addresses: options.mailTo }] } }),
      unsafeHandleRuntimeRestart: () => restarted(),
      unsafeTriggerHandlers: true,
      handleStructuredLogs: ({ message, level }: { message: string; level: string }) => options.onLog(message, level),
    } as unknown as Parameters<typeof convertV4MiniflareOptions>[0]);
  const persisted = { resourcePersistencePath: options.persistDir };
  const make = (): Miniflare => new Miniflare({ ...withSettings({}), ...persisted });
  const miniflare = options.callerHandlesSignals ? withoutItsSignals(make) : make();
  const entry = await miniflare.ready.catch(async (error: unknown) => {
    await miniflare.dispose();
    throw error;
  });
  const url = options.isDirect === true ? await miniflare.unsafeGetDirectURL() : entry;
  return {
    url: url.origin,
    bindings: () => miniflare.getBindings<LocalBindings>(),
    async queue(binding) {
      const found = (await miniflare.getBindings<Readonly<Record<string, LocalQueue>>>())[binding];
      if (found === undefined) throw new Error(`no queue is bound as ${binding}`);
      return found;
    },
    async scheduled(cron) {
      // Not by Miniflare's handle: its calls block this thread until the runtime answers, and a runtime that waits for somebody
      // to read its log would wait for this thread. Both stood still for ever when a cron came amid a burst of lines.
      const query = new URLSearchParams({ cron, time: `${Date.now()}` });
      const { status } = await miniflare.dispatchFetch(`http://localhost/cdn-cgi/local/scheduled?${query}`);
      if (status !== 200) throw new Error(`the cron ${cron} failed`);
    },
    async crash() {
      const pid = runtimePid();
      if (pid === null) throw new Error("no workerd is found here to kill");
      const isBack = new Promise<void>((resolve) => {
        restarted = resolve;
      });
      process.kill(pid, "SIGKILL");
      await isBack;
    },
    redeploy: (changed) => miniflare.setOptions({ ...withSettings(changed), ...persisted }),
    residentBytes: () => residentBytes(runtimePid() ?? 0),
    evict: (className, name) => miniflare.unsafeEvictDurableObject("onhand", className, { name }),
    stop: () => miniflare.dispose(),
  };
}

/** Of every workerd that this process has started. */
const runtimePids = (): readonly number[] =>
  childrenOf(process.pid).flatMap(({ pid, name }) => (name.startsWith("workerd") ? [pid] : []));

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Miniflare would end the process at once: the rest of the stack, and its file, could not be cleared away. */
function withoutItsSignals<Made>(make: () => Made): Made {
  const before = SIGNALS.map((signal) => process.listeners(signal));
  const made = make();
  for (const [i, signal] of SIGNALS.entries()) {
    for (const listener of process.listeners(signal))
      if (!before[i]?.includes(listener)) process.removeListener(signal, listener);
  }
  return made;
}

type Settings = Readonly<Record<string, unknown>> & { readonly bindings?: Readonly<Record<string, unknown>> };

/** wrangler tells where it looked for secrets, and which it did not find: ours are given as bindings. */
function readWranglerToml(root: string): Settings {
  const { warn, log } = console;
  console.warn = () => {};
  console.log = () => {};
  try {
    return unstable_getMiniflareWorkerOptions(`${root}/wrangler.toml`).workerOptions as unknown as Settings;
  } finally {
    console.warn = warn;
    console.log = log;
  }
}
