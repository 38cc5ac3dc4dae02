/** Bundles the Worker as `wrangler deploy` would, without deploying: the local stack runs what production runs. */
import { spawn } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/**
 * @param entry  another main file than wrangler.toml's, from the root: a benchmark's, around the same Worker
 * @returns the bundle's text. @throws with wrangler's own words when it does not build
 */
export async function buildWorker(root: string, outDir: string, entry: string | null = null): Promise<string> {
  await mkdir(outDir, { recursive: true });
  const manifest = require.resolve("wrangler/package.json");
  const cli = join(dirname(manifest), "bin", "wrangler.js");
  const main = entry === null ? [] : [join(root, entry)];
  const args = [cli, "deploy", ...main, "--dry-run", "--outdir", outDir, "--config", join(root, "wrangler.toml")];
  // The Node that runs this, whatever the system's is; nothing is sent home.
  const env = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: outDir };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`the Worker does not build:\n${output}`);
  return readFile(join(outDir, "index.js"), "utf8");
}
