import { describe, expect, it } from "vitest";
import { connectionSize } from "../../../../dev/shopify-simulator/graphql/cost.ts";
import { CostBucket } from "../../../../dev/shopify-simulator/graphql/cost-bucket.ts";
import { IdMint, parseGid } from "../../../../dev/shopify-simulator/model/ids.ts";
import { SeededRandom } from "../../../../dev/shopify-simulator/model/seeded-random.ts";
import { nanosecondStamp, shopStamp, utcStamp } from "../../../../dev/shopify-simulator/model/stamps.ts";
import { onlyFields } from "../../../../dev/shopify-simulator/payloads/include-fields.ts";
import { personOf } from "../../../../dev/shopify-simulator/payloads/person.ts";
import { money, rawId } from "../../../../dev/shopify-simulator/payloads/raw-json.ts";

describe("ids", () => {
  it("never repeat, have 13 to 18 digits, and often do not fit a number", () => {
    const mint = new IdMint(new SeededRandom(1));
    const ids = Array.from({ length: 20_000 }, () => mint.next());
    expect(new Set(ids).size).toBe(20_000);
    expect(ids.every((id) => /^[1-9]\d{12,17}$/.test(id))).toBe(true);
    const widths = new Set(ids.map((id) => id.length));
    expect([...widths].sort()).toEqual([13, 14, 16, 18]);
    const beyond = ids.filter((id) => BigInt(id) > BigInt(Number.MAX_SAFE_INTEGER));
    expect(beyond.length).toBeGreaterThan(2_000);
  });

  it("are read from a GID with its query string, and only from one", () => {
    const parsed = parseGid("gid://shopify/InventoryLevel/87892394150?inventory_item_id=271878346596884015");
    expect([parsed?.type, parsed?.id, parsed?.search.get("inventory_item_id")]).toEqual([
      "InventoryLevel",
      "87892394150",
      "271878346596884015",
    ]);
    expect(parseGid("gid://other/Thing/1")).toBeNull();
    expect(parseGid("123")).toBeNull();
  });

  it("are written as bare numbers, digit for digit", () => {
    expect(JSON.stringify({ id: rawId("820982911946154508") })).toBe('{"id":820982911946154508}');
  });
});

describe("chance", () => {
  it("tells the same story for the same seed, and forks that do not disturb each other", () => {
    const draws = (random: SeededRandom): number[] => Array.from({ length: 5 }, () => random.next());
    expect(draws(new SeededRandom(9))).toEqual(draws(new SeededRandom(9)));
    expect(draws(new SeededRandom(9))).not.toEqual(draws(new SeededRandom(10)));
    const root = new SeededRandom(9);
    const before = draws(root.fork("webhooks"));
    draws(root);
    expect(draws(root.fork("webhooks"))).toEqual(before);
    expect(draws(root.fork("graphql"))).not.toEqual(before);
  });

  it("draws nothing for a fault that is off", () => {
    const [one, other] = [new SeededRandom(3), new SeededRandom(3)];
    expect([one.chance(0), one.chance(1)]).toEqual([false, true]);
    expect(one.next()).toBe(other.next());
  });
});

describe("stamps", () => {
  const atMs = Date.parse("2026-11-22T03:30:01.987Z");

  it("are whole seconds, in the shop's offset, in UTC, or with nanoseconds", () => {
    expect(shopStamp(atMs)).toBe("2026-11-21T23:30:01-04:00");
    expect(utcStamp(atMs)).toBe("2026-11-22T03:30:01Z");
    expect(nanosecondStamp(atMs, 42)).toBe("2026-11-22T03:30:01.987000042Z");
  });
});

describe("the cost of a connection", () => {
  it("grows with the logarithm of its size", () => {
    const sizes = [0, 1, 2, 3, 4, 5, 10, 20, 25, 50, 100, 250];
    expect(sizes.map(connectionSize)).toEqual([0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 9, 11]);
  });
});

describe("the bucket", () => {
  it("restores over time, never above its size, and shows whole points", () => {
    let nowMs = 0;
    const bucket = new CostBucket({ maximumPoints: 100, restorePerSecond: 10 }, () => nowMs);
    expect(bucket.take(95)).toBe(true);
    expect(bucket.take(6)).toBe(false);
    nowMs = 155;
    expect(bucket.status()).toEqual({ maximumAvailable: 100, currentlyAvailable: 6, restoreRate: 10 });
    expect(bucket.take(6)).toBe(true);
    bucket.refund(1_000);
    expect(bucket.status().currentlyAvailable).toBe(100);
    nowMs = 1_000_000;
    expect(bucket.status().currentlyAvailable).toBe(100);
  });
});

describe("bodies", () => {
  it("keep only the fields that were asked for, through lists, and do not open a raw number", () => {
    const body = { id: rawId("12"), lines: [{ sku: "A", price: "1" }, { sku: "B" }], customer: { email: "a@b" } };
    expect(JSON.stringify(onlyFields(body, ["id", "lines.sku", "missing"]))).toBe(
      '{"id":12,"lines":[{"sku":"A"},{"sku":"B"}]}',
    );
    expect(onlyFields(body, [])).toBe(body);
  });

  it("show the same person for the same order, with addresses that reach nobody", () => {
    expect(personOf(77)).toEqual(personOf(77));
    for (let seed = 0; seed < 200; seed++) {
      const person = personOf(seed);
      expect(person.email).toMatch(/^[a-z.]+\.\d\d@example\.com$/);
      expect(person.phone).toMatch(/^\+1613555\d{4}$/);
      expect(person.browserIp).toMatch(/^203\.0\.113\.\d+$/);
    }
  });

  it("write cents as money", () => {
    expect([money(0), money(5), money(1990), money(-250)]).toEqual(["0.00", "0.05", "19.90", "-2.50"]);
  });
});
