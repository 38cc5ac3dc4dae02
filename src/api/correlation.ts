/** Gives every request the id that its logs, movements and errors will carry: the caller's if it is plain, else a new one. */
import type { MiddlewareHandler } from "hono";
import { correlationIdFrom } from "../domain/correlation.ts";
import type { AppEnv } from "./app-env.ts";

export const correlation = (): MiddlewareHandler<AppEnv> =>
  async function correlation(c, next) {
    c.set(
      "correlationId",
      correlationIdFrom(
        (name) => c.req.header(name),
        () => crypto.randomUUID(),
      ),
    );
    await next();
    c.res.headers.set("x-correlation-id", c.get("correlationId"));
  };
