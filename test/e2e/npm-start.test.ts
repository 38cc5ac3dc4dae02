/** The README's promise: `npm start` runs the main job, whatever Node the system has. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ROOT, runNpm, systemNode } from "./support/run-npm.ts";

const version = systemNode === null ? "none" : execFileSync(systemNode, ["--version"], { encoding: "utf8" }).trim();
const isOld = /^v(?:1\d|20|21)\./.test(version);

const STACK_FILE = `${ROOT}/.dev/stack.json`;

/** What a run keeps on disk while it lives. */
const leftBehind = (): readonly string[] =>
  readdirSync(`${ROOT}/.dev`).filter((name) => name === "stack.json" || name.startsWith("run-"));

/** Every workerd of this folder, and every redis-server that nobody owns any more, where the system tells. */
function workerds(): readonly string[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      if (/\(redis-server\) [^Z] 1 /.test(stat)) return true;
      return /\(workerd\) [^Z]/.test(stat) && readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(ROOT);
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

/** In a process group of its own, as a terminal would start it. */
function startStackProcess(): { readonly child: ChildProcess; output(): string } {
  const child = spawn(process.execPath, ["dev/start.ts", "--no-traffic"], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += String(chunk)));
  return { child, output: () => said };
}

const ended = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? (child.signalCode === null ? ((await once(child, "exit")) as [number | null])[0] : null);

async function until(look: () => boolean, output: () => string): Promise<void> {
  for (let i = 0; i < 600; i += 1) {
    if (look()) return;
    await sleep(100);
  }
  throw new Error(`it did not come:\n${output()}`);
}

describe("npm scripts", () => {
  it(`bring their own Node, whatever is first in PATH (here: ${version})`, async () => {
    const { code, output } = await runNpm(["run", "--silent", "onhand", "--", "--version"]);
    expect([code, output]).toEqual([0, expect.stringMatching(/^onhand \d+\.\d+\.\d+ \(node v26\./m)]);
    if (process.env["ONHAND_REQUIRE_NODE_20"] === "1") expect(isOld).toBe(true);
  });

  it("end the demo with a clean verdict and exit 0, within a minute, and leave nothing running", async () => {
    const before = workerds();
    const startedMs = performance.now();
    const { code, output } = await runNpm(["start", "--silent", "--", "--once"]);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    expect(output, output).toContain("VERDICT: clean. Every channel agrees, every unit is accounted for.");
    expect(code).toBe(0);
    expect(leftBehind()).toEqual([]);
    expect(workerds()).toEqual(before);
    // Not a matter of speed: the demo's own bounds (start, 20 s of trade, settling) promise it to whoever waits for it.
    expect(seconds).toBeLessThanOrEqual(60);
    console.log(`npm start -- --once took ${seconds} s`);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("clear everything away on %s, as Ctrl-C sends it", async (signal) => {
    const before = workerds();
    const { child, output } = startStackProcess();
    await until(() => existsSync(STACK_FILE), output);
    process.kill(-(child.pid ?? 0), signal); // the whole group, as a terminal does
    const code = await ended(child);
    expect([code, leftBehind(), workerds()], output()).toEqual([0, [], before]);
  });

  it("end when whoever started them is gone, which passes no signal on", async () => {
    const before = workerds();
    const shell = spawn("sh", ["-c", `"${process.execPath}" dev/start.ts --no-traffic & wait`], {
      cwd: ROOT,
      stdio: "ignore",
    });
    await until(
      () => existsSync(STACK_FILE),
      () => "no output was kept",
    );
    shell.kill("SIGKILL");
    await until(
      () => leftBehind().length === 0 && workerds().length === before.length,
      () => "still there",
    );
    expect([leftBehind(), workerds()]).toEqual([[], before]);
  });

  it("clear away what a killed run has left: its file, its folder, its processes", async () => {
    const before = workerds();
    const killed = startStackProcess();
    await until(() => existsSync(STACK_FILE), killed.output);
    killed.child.kill("SIGKILL");
    await ended(killed.child);
    expect(leftBehind()).not.toEqual([]);
    const next = startStackProcess();
    await until(() => /Onhand is up/.test(next.output()), next.output);
    process.kill(-(next.child.pid ?? 0), "SIGINT");
    await ended(next.child);
    expect([leftBehind(), workerds()], next.output()).toEqual([[], before]);
  });

  it("say in one line that a port is taken, and end", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { code, output } = await runNpm(["start", "--silent", "--", "--no-traffic", "--port", String(port)]);
    taken.close();
    expect([code, output]).toEqual([1, expect.stringContaining(`Port ${port} is taken`)]);
    expect(output).not.toContain("    at ");
    expect(leftBehind()).toEqual([]);
  });

  it("say what is wrong with their arguments, and exit 2", async () => {
    const wrong = await Promise.all([
      runNpm(["start", "--silent", "--", "--port", "x"]),
      runNpm(["start", "--silent", "--", "--shopify", "http://127.0.0.1:1"]),
      runNpm(["start", "--silent", "--", "--nonsense"]),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(wrong[0]?.output).toContain("--port");
    expect(wrong[1]?.output).toContain("SHOPIFY_SHOP");
    expect(wrong[2]?.output).toContain("--once");
  });
});
