/**
 * Prometheus' own judgement of what we write for it. Without promtool in PATH its tests are skipped and say so in their
 * name; with ONHAND_REQUIRE_PROMTOOL=1 they fail instead.
 */
import { spawnSync } from "node:child_process";
import { describe } from "vitest";

const isMissing = spawnSync("promtool", ["--version"]).error !== undefined;
const isSkipped = isMissing && process.env["ONHAND_REQUIRE_PROMTOOL"] !== "1";

export type Said = { readonly code: number | null; readonly output: string };

/** @param input  what it reads from its standard input */
export function promtool(args: readonly string[], input = ""): Said {
  const { status, stdout, stderr, error } = spawnSync("promtool", [...args], { input, encoding: "utf8" });
  if (error !== undefined) throw error;
  return { code: status, output: `${stdout}${stderr}` };
}

export function describeWithPromtool(title: string, suite: () => void): void {
  describe.skipIf(isSkipped)(isSkipped ? `${title} (skipped: no promtool in PATH)` : title, suite);
}
