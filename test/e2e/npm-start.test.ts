/** The README's promise: `npm start` runs the main job, whatever Node the system has. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ROOT, runNpm, systemNode } from "./support/run-npm.ts";

const version = systemNode === null ? "none" : execFileSync(systemNode, ["--version"], { encoding: "utf8" }).trim();
const isOld = /^v(?:1\d|20|21)\./.test(version);

describe("npm scripts", () => {
  it(`bring their own Node, whatever is first in PATH (here: ${version})`, async () => {
    const { code, output } = await runNpm(["run", "--silent", "onhand", "--", "--version"]);
    expect([code, output]).toEqual([0, expect.stringMatching(/^onhand \d+\.\d+\.\d+ \(node v26\./m)]);
    if (process.env["ONHAND_REQUIRE_NODE_20"] === "1") expect(isOld).toBe(true);
  });

  it("end the demo with a clean verdict and exit 0, within a minute, and leave nothing running", async () => {
    const startedMs = performance.now();
    const { code, output } = await runNpm(["start", "--silent", "--", "--once"]);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    expect(output, output).toContain("VERDICT: clean. Every channel agrees, every unit is accounted for.");
    expect(code).toBe(0);
    expect(existsSync(`${ROOT}/.dev/stack.json`)).toBe(false);
    console.log(`npm start -- --once took ${seconds} s`);
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
