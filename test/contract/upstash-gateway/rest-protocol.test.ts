import { beforeEach, expect, it } from "vitest";
import type { UpstashGateway } from "../../../dev/upstash-gateway/gateway.ts";
import { describeOnEachEngine } from "./each-engine.ts";

const UNAVAILABLE = "See https://upstash.com/docs/redis/overall/rediscompatibility for details";

describeOnEachEngine("the REST protocol", (gateway) => {
  beforeEach(() => gateway().command("FLUSHALL"));

  it("answers 401 in Upstash's words on every endpoint when the token is missing or wrong", async () => {
    for (const path of ["/", "/pipeline", "/multi-exec", "/get/k"]) {
      for (const authorization of ["", "Bearer wrong", `Bearer ${gateway().token}x`]) {
        const response = await send(gateway(), path, { headers: { authorization }, body: '[["GET","k"]]' });
        expect(response.status).toBe(401);
        expect(await response.json()).toEqual({
          error:
            "WRONGPASS invalid or missing auth token. See https://docs.upstash.com/redis/troubleshooting/http_unauthorized for details.",
        });
      }
    }
  });

  it("takes the token from the query too, where it is no argument of the command", async () => {
    const response = await fetch(`${gateway().url}/set/k/v?_token=${gateway().token}`);
    expect(await response.json()).toEqual({ result: "OK" });
    expect(await gateway().command("GET", "k")).toBe("v");
  });

  it("reads a command from the path, with the body as its last argument and the query after it", async () => {
    expect(await answer(gateway(), "/set/caf%C3%A9%2F%3A/v%20w")).toEqual({ result: "OK" });
    expect(await gateway().command("GET", "café/:")).toBe("v w");
    expect(await answer(gateway(), "/set/k?EX=100&NX", '{"a":"ü"}')).toEqual({ result: "OK" });
    expect(await gateway().command("GET", "k")).toBe('{"a":"ü"}');
    expect(await gateway().command("TTL", "k")).toBe(100);
    expect(await answer(gateway(), "/mget/k/none")).toEqual({ result: ['{"a":"ü"}', null] });
  });

  it("stores a posted body byte for byte", async () => {
    const bytes = Uint8Array.from([0, 255, 254, 10, 195, 40]);
    await send(gateway(), "/set/binary", { body: bytes });
    const response = await send(gateway(), "/get/binary", { headers: { "upstash-encoding": "base64" } });
    expect(await response.json()).toEqual({ result: "AP/+CsMo" });
  });

  it("passes numbers and booleans on as their text, and refuses what is no argument", async () => {
    expect(await answer(gateway(), "/", '["SET","n",1.5]')).toEqual({ result: "OK" });
    expect(await gateway().command("GET", "n")).toBe("1.5");
    expect(await answer(gateway(), "/", '["SET","b",true]')).toEqual({ result: "OK" });
    expect(await gateway().command("GET", "b")).toBe("true");
    const refusals = [
      ["/", '["SET","k",null]', "ERR null args are not supported"],
      ["/", '["SET","k",{}]', "ERR unsupported arg type"],
      ["/", "", "EOF"],
      ["/", "{}", "expected JSON array"],
      ["/", "[", "ERR failed to parse command"],
      ["/", "[]", "ERR empty command"],
      ["/pipeline", "[]", "ERR empty pipeline request"],
      ["/pipeline", '["GET","k"]', "ERR failed to parse pipeline request"],
      ["/multi-exec", "{}", "expected JSON array"],
    ] as const;
    for (const [path, body, error] of refusals) {
      const response = await send(gateway(), path, { body });
      expect([body, response.status, await response.json()]).toEqual([body, 400, { error }]);
    }
  });

  it("answers 400 with Redis's words to a single command that fails, 200 to a pipeline that holds one", async () => {
    const single = await send(gateway(), "/", { body: '["GET"]' });
    expect(single.status).toBe(400);
    expect(await single.json()).toEqual({ error: "ERR wrong number of arguments for 'get' command" });
    const pipeline = await send(gateway(), "/pipeline", { body: '[["GET"],["SET","k","v"],["GET","k"]]' });
    expect(pipeline.status).toBe(200);
    expect(await pipeline.json()).toEqual([
      { error: "ERR wrong number of arguments for 'get' command" },
      { result: "OK" },
      { result: "v" },
    ]);
  });

  it("says in Upstash's words that a command does not exist or makes no sense over REST", async () => {
    expect(await answer(gateway(), "/", '["nosuch","a"]')).toEqual({
      error: `ERR Command is not available: 'NOSUCH'. ${UNAVAILABLE}`,
    });
    expect(await answer(gateway(), "/", '["SHUTDOWN"]')).toEqual({
      error: `ERR Command is not available: 'SHUTDOWN'. ${UNAVAILABLE}`,
    });
    const body = '[["SET","k","v"],["subscribe","news"],["GET","k"]]';
    const refused = { error: 'ERR Command "SUBSCRIBE" is not allowed in REST or it has a special context path' };
    expect(await answer(gateway(), "/pipeline", body)).toEqual([{ result: "OK" }, refused, { result: "v" }]);
    await gateway().command("DEL", "k");
    const transaction = await send(gateway(), "/multi-exec", { body });
    expect([transaction.status, await transaction.json()]).toEqual([400, refused]);
    expect(await gateway().command("GET", "k")).toBeNull();
  });

  it("encodes every string as base64 when asked, only a lone OK stays as it is", async () => {
    const headers = { "upstash-encoding": "base64" };
    const body = '[["SET","k","OK"],["GET","k"],["EVAL","return {\\"OK\\",{\\"é\\"},7}",0],["PING"],["GET"]]';
    const response = await send(gateway(), "/pipeline", { body, headers });
    expect(await response.json()).toEqual([
      { result: "OK" },
      { result: "OK" },
      { result: ["T0s=", ["w6k="], 7] },
      { result: "UE9ORw==" },
      { error: "ERR wrong number of arguments for 'get' command" },
    ]);
  });

  it("keeps to the methods, the answer formats and the size that Upstash allows", async () => {
    const unsupported = await send(gateway(), "/get/k", { method: "DELETE" });
    expect([unsupported.status, await unsupported.text()]).toEqual([405, ""]);
    expect((await send(gateway(), "/get/k", { method: "PUT" })).status).toBe(200);
    const head = await send(gateway(), "/get/k", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await send(gateway(), "/get/k", { headers: { "upstash-response-format": "resp2" } })).status).toBe(400);
    const large = JSON.stringify(["SET", "k", "x".repeat(10 * 1024 * 1024)]);
    const tooLarge = await send(gateway(), "/", { body: large });
    expect([tooLarge.status, await tooLarge.json()]).toEqual([
      413,
      { error: "ERR max request size exceeded. Limit: 10485760 bytes" },
    ]);
    expect(await gateway().command("GET", "k")).toBeNull();
  });

  it("never lets the commands of another request come between those of a transaction", async () => {
    const increments = Array.from({ length: 50 }, () => ["INCR", "n"]);
    const bodies = Array.from({ length: 20 }, () => JSON.stringify(increments));
    const answers = await Promise.all(bodies.map((body) => answer(gateway(), "/multi-exec", body)));
    for (const results of answers as { result: number }[][]) {
      const first = results[0]?.result ?? Number.NaN;
      expect(results.map(({ result }) => result)).toEqual(increments.map((_, i) => first + i));
    }
    expect(await gateway().command("GET", "n")).toBe("1000");
  });

  it("counts what it was asked", async () => {
    const before = gateway().stats();
    await answer(gateway(), "/pipeline", '[["GET","a"],["get","b"],["SET","c","d"]]');
    await answer(gateway(), "/", '["GET","a"]');
    await answer(gateway(), "/", '["GET"]');
    await send(gateway(), "/", { headers: { authorization: "" } });
    const after = gateway().stats();
    const added = (name: "requests" | "pipelines" | "single" | "commands" | "commandErrors" | "unauthorized"): number =>
      after[name] - before[name];
    expect({
      requests: added("requests"),
      pipelines: added("pipelines"),
      single: added("single"),
      commands: added("commands"),
      commandErrors: added("commandErrors"),
      unauthorized: added("unauthorized"),
    }).toEqual({ requests: 4, pipelines: 1, single: 2, commands: 5, commandErrors: 1, unauthorized: 1 });
    expect(after.byCommand).toMatchObject({ GET: expect.any(Number), SET: expect.any(Number) });
  });
});

type Sent = {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
};

function send({ url, token }: UpstashGateway, path: string, { method, headers, body }: Sent): Promise<Response> {
  return fetch(url + path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

async function answer(gateway: UpstashGateway, path: string, body?: string): Promise<unknown> {
  return (await send(gateway, path, body === undefined ? {} : { body })).json();
}
