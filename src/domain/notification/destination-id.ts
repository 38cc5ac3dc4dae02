/** Ids of destinations: those that people give, and those that are made here of a name. */

/** It stands in paths, and in the name of a circuit breaker. */
export const DESTINATION_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

const NAME_CHARS_MAX = 40;

/** "Ops – Köln" and 3f2a91c0: `ops-koln-3f2a91c0`.
 * @param suffix  makes it the only one: eight hex digits, random, or of the key that it was asked for with */
export function destinationId(name: string, suffix: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const words = plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, NAME_CHARS_MAX)
    .replaceAll(/^-+|-+$/g, "");
  return `${words === "" ? "dst" : words}-${suffix}`;
}
