/**
 * `npm run deploy`: the Worker first, because the first deploy is what creates the database; then its migrations, which only
 * ever add. Arguments go to `wrangler deploy`.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const manifest = createRequire(import.meta.url).resolve("wrangler/package.json");
const wrangler = join(dirname(manifest), "bin", "wrangler.js");

function run(...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [wrangler, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const given = process.argv.slice(2);
run("deploy", ...given);
if (!given.includes("--dry-run")) run("d1", "migrations", "apply", "DB", "--remote");
