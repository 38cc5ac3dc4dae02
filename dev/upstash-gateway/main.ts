/**
 * The gateway on its own: `npx node dev/upstash-gateway/main.ts --port 8379 --token secret --engine auto`.
 * It prints one JSON line when it is ready and runs until it is told to end (SIGINT, SIGTERM).
 */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { startUpstashGateway } from "./gateway.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    token: { type: "string" },
    engine: { type: "string", default: "auto" },
    "redis-dir": { type: "string" },
  },
});

const gateway = await startUpstashGateway({
  port: values.port === undefined ? undefined : Number(values.port),
  token: values.token ?? randomBytes(16).toString("hex"),
  engine: engineNamed(values.engine),
  redisDir: values["redis-dir"],
});
const { url, token, engine, redisVersion } = gateway;
console.log(JSON.stringify({ url, token, engine, redisVersion }));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void gateway.close().then(() => process.exit(0)));
}

function engineNamed(name: string): "auto" | "redis-server" | "embedded" {
  if (name === "auto" || name === "redis-server" || name === "embedded") return name;
  throw new Error(`--engine is auto, redis-server or embedded, not "${name}"`);
}
