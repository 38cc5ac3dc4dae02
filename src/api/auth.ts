/** Bearer tokens. Hashes are compared, in constant time, so that neither length nor prefix of the token leaks. */
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./app-env.ts";
import { problem } from "./problem.ts";

const encoder = new TextEncoder();
const digest = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", encoder.encode(text));

/** Callers that share a token tell themselves apart by it: in movements, in leases, and in what limits are counted for. */
const CLIENT_ID = /^[A-Za-z0-9._-]{1,64}$/;

export type BearerOptions = { readonly tokenOf: (env: Env) => string };

export const bearer = ({ tokenOf }: BearerOptions): MiddlewareHandler<AppEnv> =>
  async function bearer(c, next) {
    const given = /^bearer ([\x21-\x7e]{1,512})$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const [a, b] = await Promise.all([digest(given ?? ""), digest(tokenOf(c.env))]);
    const isRight = crypto.subtle.timingSafeEqual(a, b);
    if (given === undefined || !isRight) {
      return problem(c, { code: "unauthorized", detail: "Send the token as `Authorization: Bearer …`." });
    }
    const client = c.req.header("x-client-id");
    if (client !== undefined && !CLIENT_ID.test(client)) {
      const detail = "A client's name has 1–64 characters of A–Z a–z 0–9 . _ -.";
      return problem(c, { code: "bad_request", detail, field: "X-Client-Id" });
    }
    c.set("actor", client === undefined ? "admin" : `admin/${client}`);
    return next();
  };
