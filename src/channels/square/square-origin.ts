/**
 * Where a till's token goes: to Square's own hosts and to no other, whatever the channel's endpoint says. In development also to
 * a simulator on loopback.
 */
import { parseOutboundUrl } from "../../domain/outbound-url.ts";

const PRODUCTION = "https://connect.squareup.com";
const ORIGINS: readonly string[] = [PRODUCTION, "https://connect.squareupsandbox.com"];

/** @returns null: no call may be made */
export function squareOrigin(endpoint: string | null, isDevelopment: boolean): string | null {
  if (endpoint === null) return PRODUCTION;
  const url = parseOutboundUrl(endpoint, { isDevelopment });
  if (!url.ok) return null;
  const { origin, protocol } = url.value;
  return ORIGINS.includes(origin) || (isDevelopment && protocol === "http:") ? origin : null;
}
