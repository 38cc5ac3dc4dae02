/** One call of ours to somebody's address, in words. */

export type Heard = {
  readonly reason: string | null;
  readonly status: number | null;
  readonly reply: string | null;
  readonly ms: number;
};
/** As deliveries and documents tell their tries. */
export type Attempt = Heard & { readonly at: string; readonly outcome: string };

const REPLY_SHOWN_MAX = 80;

/** What came of it: `200 in 84 ms: "thanks"`, `HTTP_503 in 31 ms: "down"`, `TimeoutError: no reply in time, after 10000 ms`. */
export function heardText({ reason, status, reply, ms }: Heard): string {
  if (status === null) {
    if (reason === null) return `handed over in ${ms} ms`; // a mail
    return ms === 0 ? reason : `${reason}, after ${ms} ms`; // 0: nobody was called
  }
  const said =
    reply === null ? "" : `: "${reply.slice(0, REPLY_SHOWN_MAX)}${reply.length > REPLY_SHOWN_MAX ? "…" : ""}"`;
  // Most reasons say the status: once is enough.
  const why = reason === null ? status : reason.includes(String(status)) ? reason : `${reason} (${status})`;
  return `${why} in ${ms} ms${said}`;
}
