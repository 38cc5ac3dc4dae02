import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";

it("starts on its own, says where it is in one line, and ends on SIGTERM", async () => {
  const main = new URL("../../../dev/upstash-gateway/main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, "--engine", "embedded", "--token", "s3cret"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const said = JSON.parse(line) as { url: string };
    expect(said).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      token: "s3cret",
      engine: "embedded",
      redisVersion: null,
    });
    const response = await fetch(`${said.url}/set/k/v`, { headers: { authorization: "Bearer s3cret" } });
    expect(await response.json()).toEqual({ result: "OK" });
  } finally {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  }
});
