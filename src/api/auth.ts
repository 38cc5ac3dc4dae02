/** Bearer tokens. Hashes are compared, in constant time, so that neither length nor prefix of the token leaks. */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./app-env.ts";
import { problem } from "./problem.ts";

const encoder = new TextEncoder();
const digest = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", encoder.encode(text));

export type BearerOptions = { readonly tokenOf: (env: Env) => string };

export const bearer = ({ tokenOf }: BearerOptions): MiddlewareHandler<AppEnv> =>
  async function bearer(c, next) {
    const given = /^bearer ([\x21-\x7e]{1,512})$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const [a, b] = await Promise.all([digest(given ?? ""), digest(tokenOf(c.env))]);
    const isRight = crypto.subtle.timingSafeEqual(a, b);
    if (given === undefined || !isRight) {
      return problem(c, { code: "unauthorized", detail: "Send the token as `Authorization: Bearer …`." });
    }
    c.set("actor", "admin");
    return next();
  };
