/**
 * A policy as JSON, both ways. Used for what the counter stored and for what a caller asks: both are untrusted text here,
 * and a fault is told by the path of the first field that is not as it should be. What is left out has its default. A field
 * that nobody knows is a slip of whoever asks; in what is stored it is a newer version's, and is left out.
 */
import { type ChannelId, fromStore, type LocationId, parseChannelId } from "../ids.ts";
import { err, ok, type Result } from "../result.ts";
import {
  type Allocation,
  type Buffer,
  type ChannelRules,
  DEFAULT_POLICY,
  DEFAULT_RULES,
  type SkuPolicy,
  type Strategy,
} from "./sku-policy.ts";

export type PolicyError = { readonly kind: "malformed_policy"; readonly field: string; readonly expected: string };

export type SkuPolicyJson = Omit<SkuPolicy, "channels"> & { readonly channels: Readonly<Record<string, ChannelRules>> };

/** Shopify refuses a quantity above this; so nothing above it is ever withheld or shown. */
const UNITS_MAX = 1_000_000_000;
/** A shop may have 1,000 locations; a list of more is a mistake. */
const LOCATIONS_MAX = 1_000;
/** Channels with rules of their own per SKU: the policy is one row, read at every wake. */
const CHANNELS_MAX = 100;
const HOLDS_MAX = 10_000;

export type PolicySource = "stored" | "asked";

/** @param given  what JSON.parse made of it */
export function parsePolicy(given: unknown, source: PolicySource = "stored"): Result<SkuPolicy, PolicyError> {
  if (!isRecord(given)) return malformed("(root)", "an object");
  const stranger = source === "asked" ? strangerIn(given, DEFAULT_POLICY) : null;
  if (stranger !== null) return malformed(stranger, "no such field");
  const strategy = given["strategy"] ?? DEFAULT_POLICY.strategy;
  if (!isStrategy(strategy)) return malformed("strategy", '"atomic", "optimistic" or "pessimistic"');
  const allocation = parseAllocation(given["allocation"] ?? DEFAULT_POLICY.allocation, "allocation");
  if (!allocation.ok) return allocation;
  const channels = parseChannels(given["channels"] ?? {}, source);
  if (!channels.ok) return channels;
  const holdsPerClientMax = given["holdsPerClientMax"] ?? DEFAULT_POLICY.holdsPerClientMax;
  if (!isWhole(holdsPerClientMax, HOLDS_MAX)) return malformed("holdsPerClientMax", `a whole number, 0–${HOLDS_MAX}`);
  const heldShareMax = given["heldShareMax"] ?? DEFAULT_POLICY.heldShareMax;
  if (!isWhole(heldShareMax, 100) || heldShareMax === 0) return malformed("heldShareMax", "a whole percentage, 1–100");
  return ok({ strategy, allocation: allocation.value, channels: channels.value, holdsPerClientMax, heldShareMax });
}

/** The inverse of parsePolicy, ready for JSON.stringify. */
export function policyToJson(policy: SkuPolicy): SkuPolicyJson {
  return { ...policy, channels: Object.fromEntries(policy.channels) };
}

/** @param path  where the rules stand in what the caller sent, for the error */
export function parseRules(
  given: unknown,
  source: PolicySource = "stored",
  path = "",
): Result<ChannelRules, PolicyError> {
  const at = (field: string): string => (path === "" ? field : `${path}.${field}`);
  if (!isRecord(given)) return malformed(path || "(root)", "an object");
  const stranger = source === "asked" ? strangerIn(given, DEFAULT_RULES) : null;
  if (stranger !== null) return malformed(at(stranger), "no such field");
  const buffer = parseBuffer(given["buffer"] ?? DEFAULT_RULES.buffer, at("buffer"));
  if (!buffer.ok) return buffer;
  const zeroBelow = given["zeroBelow"] ?? DEFAULT_RULES.zeroBelow;
  if (!isWhole(zeroBelow, UNITS_MAX)) return malformed(at("zeroBelow"), "whole units, 0 or more");
  const cap = given["cap"] ?? DEFAULT_RULES.cap;
  if (cap !== null && !isWhole(cap, UNITS_MAX)) return malformed(at("cap"), "whole units, 0 or more, or null");
  const excluded = parseLocations(given["excludedLocations"] ?? [], at("excludedLocations"));
  if (!excluded.ok) return excluded;
  const isStopped = given["isStopped"] ?? DEFAULT_RULES.isStopped;
  if (typeof isStopped !== "boolean") return malformed(at("isStopped"), "true or false");
  const allocation =
    given["allocation"] === undefined || given["allocation"] === null
      ? ok(null)
      : parseAllocation(given["allocation"], at("allocation"));
  if (!allocation.ok) return allocation;
  return ok({
    buffer: buffer.value,
    zeroBelow,
    cap,
    excludedLocations: excluded.value,
    isStopped,
    allocation: allocation.value,
  });
}

function parseChannels(
  given: unknown,
  source: PolicySource,
): Result<ReadonlyMap<ChannelId, ChannelRules>, PolicyError> {
  if (!isRecord(given)) return malformed("channels", "an object of rules by channel");
  const entries = Object.entries(given);
  if (entries.length > CHANNELS_MAX) return malformed("channels", `at most ${CHANNELS_MAX} channels`);
  const channels = new Map<ChannelId, ChannelRules>();
  for (const [name, rules] of entries) {
    const channel = parseChannelId(name);
    if (!channel.ok) return malformed(`channels.${name.slice(0, 100)}`, "a shop's domain, or [a-z0-9._-]{1,64}");
    const parsed = parseRules(rules, source, `channels.${channel.value}`);
    if (!parsed.ok) return parsed;
    channels.set(channel.value, parsed.value);
  }
  return ok(channels);
}

function parseBuffer(given: unknown, path: string): Result<Buffer, PolicyError> {
  if (!isRecord(given)) return malformed(path, "an object");
  const { kind, units, percent } = given;
  if (kind === "none") return ok({ kind });
  if (kind === "fixed") {
    return isWhole(units, UNITS_MAX) ? ok({ kind, units }) : malformed(`${path}.units`, "whole units, 0 or more");
  }
  if (kind === "percentage") {
    return isWhole(percent, 100) ? ok({ kind, percent }) : malformed(`${path}.percent`, "a whole percentage, 0–100");
  }
  return malformed(`${path}.kind`, '"none", "fixed" or "percentage"');
}

function parseAllocation(given: unknown, path: string): Result<Allocation, PolicyError> {
  if (!isRecord(given)) return malformed(path, "an object");
  const by = given["by"] ?? "priority";
  if (by !== "priority" && by !== "most_stock") return malformed(`${path}.by`, '"priority" or "most_stock"');
  const locations = parseLocations(given["locations"] ?? [], `${path}.locations`);
  if (!locations.ok) return locations;
  const split = given["split"] ?? false;
  if (typeof split !== "boolean") return malformed(`${path}.split`, "true or false");
  return ok({ by, locations: locations.value, split });
}

function parseLocations(given: unknown, path: string): Result<readonly LocationId[], PolicyError> {
  const isList = Array.isArray(given) && given.length <= LOCATIONS_MAX && given.every(isLocation);
  if (!isList || new Set(given).size !== given.length) {
    return malformed(path, `at most ${LOCATIONS_MAX} location ids, each once`);
  }
  return ok(given.map((id: string) => fromStore<LocationId>(id)));
}

/** The first field of `given` that the defaults do not have. */
const strangerIn = (given: JsonRecord, defaults: object): string | null =>
  Object.keys(given).find((field) => !Object.hasOwn(defaults, field)) ?? null;

type JsonRecord = { readonly [name: string]: unknown };

const malformed = (field: string, expected: string): Result<never, PolicyError> =>
  err({ kind: "malformed_policy", field, expected });
const isRecord = (given: unknown): given is JsonRecord =>
  typeof given === "object" && given !== null && !Array.isArray(given);
const isWhole = (given: unknown, max: number): given is number =>
  Number.isSafeInteger(given) && (given as number) >= 0 && (given as number) <= max;
const isLocation = (given: unknown): given is string => typeof given === "string" && /^[\w.-]{1,64}$/.test(given);
const isStrategy = (given: unknown): given is Strategy =>
  given === "atomic" || given === "optimistic" || given === "pessimistic";
