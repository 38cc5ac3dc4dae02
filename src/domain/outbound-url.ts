/** Where something of ours may be sent: an address on the public internet, over https. */
import { err, ok, type Result } from "./result.ts";

export type OutboundUrlError = { readonly kind: "not_outbound"; readonly message: string };

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;
const INSIDE = /(?:^|\.)(?:internal|local|localhost|lan|home\.arpa|onion)$/;
const METADATA = /^(?:metadata|metadata\.google)(?:\.|$)/;

export function parseOutboundUrl(
  given: string,
  { isDevelopment }: { readonly isDevelopment: boolean },
): Result<URL, OutboundUrlError> {
  const refused = (message: string) => err({ kind: "not_outbound" as const, message });
  if (!URL.canParse(given)) return refused("is no URL");
  const url = new URL(given);
  const host = url.hostname.replace(/\.$/, ""); // the root's dot, which a name may bear
  if (url.username !== "" || url.password !== "") return refused("holds credentials");
  if (isDevelopment && url.protocol === "http:" && LOOPBACK.test(host)) return ok(url);
  if (url.protocol !== "https:") return refused("must be https");
  if (url.port !== "") return refused("must be at port 443");
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return refused("names an address instead of a host");
  if (host.split(".").includes("")) return refused("has an empty part in its host's name");
  if (!host.includes(".") || INSIDE.test(host) || METADATA.test(host))
    return refused("is no host of the public internet");
  return ok(url);
}
