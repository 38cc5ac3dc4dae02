/** npm scripts as a user runs them: from the repository's root, with the Node that the system has first in PATH. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** PATH without any node_modules/.bin: whatever Node the machine itself offers. */
export const systemPath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

/** The first `node` in it. */
export const systemNode =
  systemPath
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .find((path) => existsSync(path)) ?? null;

export type Ran = { readonly code: number | null; readonly output: string };

export async function runNpm(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_OPTIONS|VITE_)/i.test(name)),
  );
  const child = spawn("npm", [...args], {
    cwd: ROOT,
    env: { ...clean, PATH: systemPath, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output };
}
