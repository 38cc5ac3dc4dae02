import { describe, expect, it } from "vitest";
import { type ChannelId, fromStore, type LocationId } from "../../../../src/domain/ids.ts";
import {
  effectiveRules,
  NO_DEFAULTS,
  sameRules,
  withChannelRules,
  withDefault,
  withStop,
} from "../../../../src/domain/policy/effective-rules.ts";
import { type ChannelRules, DEFAULT_POLICY, DEFAULT_RULES } from "../../../../src/domain/policy/sku-policy.ts";

const CHANNEL = fromStore<ChannelId>("market");
const capped: ChannelRules = { ...DEFAULT_RULES, cap: 5 };
const defaults = withDefault(NO_DEFAULTS, CHANNEL, { rules: capped, revision: 3 });

describe("the rules that hold", () => {
  it("are the SKU's own, else the channel's, else none", () => {
    const own = withChannelRules(DEFAULT_POLICY, CHANNEL, { ...DEFAULT_RULES, cap: 9 });
    expect(effectiveRules(own, defaults, CHANNEL)).toMatchObject({ from: "sku", rules: { cap: 9 } });
    expect(effectiveRules(DEFAULT_POLICY, defaults, CHANNEL)).toMatchObject({ from: "channel", rules: { cap: 5 } });
    expect(effectiveRules(DEFAULT_POLICY, NO_DEFAULTS, CHANNEL)).toEqual({ from: "nobody", rules: DEFAULT_RULES });
    const back = withChannelRules(own, CHANNEL, null);
    expect(effectiveRules(back, defaults, CHANNEL)).toMatchObject({ from: "channel" });
  });

  it("never go back to an older word of the channel, and forget what it took back", () => {
    expect(withDefault(defaults, CHANNEL, { rules: DEFAULT_RULES, revision: 2 })).toBe(defaults);
    const gone = withDefault(defaults, CHANNEL, { rules: null, revision: 4 });
    expect(effectiveRules(DEFAULT_POLICY, gone, CHANNEL).from).toBe("nobody");
    expect(withDefault(gone, CHANNEL, { rules: capped, revision: 3 })).toBe(gone);
  });

  it("are stopped and let go without touching the rest, and a stop leaves nothing behind", () => {
    const stopped = withStop(DEFAULT_POLICY, defaults, CHANNEL, true);
    expect(effectiveRules(stopped, defaults, CHANNEL).rules).toEqual({ ...capped, isStopped: true });
    const resumed = withStop(stopped, defaults, CHANNEL, false);
    expect(resumed.channels.size).toBe(0);
    const own = withChannelRules(DEFAULT_POLICY, CHANNEL, { ...DEFAULT_RULES, zeroBelow: 2 });
    const again = withStop(withStop(own, defaults, CHANNEL, true), defaults, CHANNEL, false);
    expect(again.channels.get(CHANNEL)).toMatchObject({ zeroBelow: 2, isStopped: false });
  });

  it("let one SKU go on in a channel that is stopped as a whole", () => {
    const halted = withDefault(NO_DEFAULTS, CHANNEL, { rules: { ...DEFAULT_RULES, isStopped: true }, revision: 1 });
    const resumed = withStop(DEFAULT_POLICY, halted, CHANNEL, false);
    expect(effectiveRules(resumed, halted, CHANNEL)).toMatchObject({ from: "sku", rules: { isStopped: false } });
  });

  it("are compared by what they say", () => {
    expect(sameRules(capped, JSON.parse(JSON.stringify(capped)))).toBe(true);
    const others: Partial<ChannelRules>[] = [
      { buffer: { kind: "fixed", units: 1 } },
      { zeroBelow: 1 },
      { cap: null },
      { excludedLocations: [fromStore<LocationId>("1")] },
      { isStopped: true },
      { allocation: { by: "priority", locations: [], split: false } },
    ];
    for (const other of others) expect(sameRules(capped, { ...capped, ...other })).toBe(false);
    const percent = (n: number): ChannelRules => ({ ...DEFAULT_RULES, buffer: { kind: "percentage", percent: n } });
    expect(sameRules(percent(1), percent(2))).toBe(false);
  });
});
