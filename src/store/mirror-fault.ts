/**
 * Why Redis gave no usable answer, in one word. Never more than that: the client's messages hold whole commands, and with
 * them the merchant's SKUs and levels.
 */

export type MirrorFaultReason =
  /** Nothing within the limit. It may have been applied. */
  | "timeout"
  /** No connection, or it broke. It may have been applied. */
  | "network"
  /** Redis or Upstash answered with an error; `code` names it. */
  | "refused"
  /** An answer that is none of the protocol's, as a proxy in between may give. */
  | "bad_reply"
  /** A stored value that cannot be read: of another release, or damaged. `code` names the field. */
  | "malformed_value"
  /** The configured address is none. */
  | "bad_url";

export type MirrorFault = {
  readonly operation: "read" | "write" | "invalidate" | "ping";
  readonly reason: MirrorFaultReason;
  /** Redis's error code (ERR, OOM, WRONGPASS …) or a field's name. */
  readonly code: string | null;
};

type Cause = Pick<MirrorFault, "reason" | "code">;

/** One command of a pipeline was refused. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
  readonly code: string | null;

  /** @param message  Redis's, from which the code alone is kept */
  constructor(message: string) {
    super("a command was refused");
    this.code = codeIn(message);
  }
}

export class BadReply extends Error {
  override readonly name = "BadReply";
}

/** By name and not by class: a timeout is the platform's, the other errors are the client's own. */
export function causeOf(thrown: unknown): Cause {
  if (thrown instanceof CommandRefused) return { reason: "refused", code: thrown.code };
  const name = thrown instanceof Error ? thrown.name : "";
  switch (name) {
    case "TimeoutError":
    case "AbortError":
      return { reason: "timeout", code: null };
    case "UpstashError":
      return { reason: "refused", code: thrown instanceof Error ? codeIn(thrown.message) : null };
    case "UpstashJSONParseError":
    case "BadReply":
      return { reason: "bad_reply", code: null };
    case "UrlError":
      return { reason: "bad_url", code: null };
    default:
      return { reason: "network", code: null };
  }
}

/** Redis's own codes. A list, because the first word of a message need not be one. */
const CODES: ReadonlySet<string> = new Set([
  ...["ERR", "WRONGTYPE", "NOSCRIPT", "EXECABORT", "OOM", "READONLY", "LOADING", "BUSY", "MISCONF"],
  ...["WRONGPASS", "NOAUTH", "NOPERM", "CROSSSLOT", "MOVED", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN"],
]);

function codeIn(message: string): string | null {
  const first = message.split(" ", 1)[0] ?? "";
  return CODES.has(first) ? first : null;
}
