/**
 * `npm run deploy`: the Worker first, because the first deploy is what creates the database; then its migrations, which only
 * ever add. Arguments go to `wrangler deploy`; those that name another configuration or environment go to both halves.
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
const onlyTells = given.some((argument) => ["--dry-run", "--help", "-h"].includes(argument));
run("deploy", ...given);
if (!onlyTells) run("d1", "migrations", "apply", "DB", "--remote", ...shared(given));

/** `-c FILE`, `--config FILE`, `-e NAME`, `--env NAME`, also with `=`. */
function shared(args: readonly string[]): readonly string[] {
  return args.flatMap((argument, i) => {
    if (/^(?:-c|--config|-e|--env)=/.test(argument)) return [argument];
    if (!["-c", "--config", "-e", "--env"].includes(argument)) return [];
    return [argument, args[i + 1] ?? ""];
  });
}
