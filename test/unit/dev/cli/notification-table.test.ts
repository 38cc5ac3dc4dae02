import { describe, expect, it } from "vitest";
import { notificationTable } from "../../../../dev/cli/notification-table.ts";

const LOW = {
  ...{ id: "stock/sku_1/4/low", at: "2026-11-28T09:00:01.234Z", kind: "inventory.low_stock", severity: "warning" },
  title: "CUP is low: 3 left",
};
const OVERSOLD = {
  ...{ id: "oversell/sku_1/4", at: "2026-11-28T09:00:02.000Z", kind: "inventory.oversold", severity: "critical" },
  title: "CUP is oversold by 2 units",
};

describe("the table of notifications", () => {
  it("has time, severity, kind and title, and the newest last", () => {
    expect(notificationTable([OVERSOLD, LOW]).split("\n")).toEqual([
      "TIME (UTC)           SEVERITY  KIND                 TITLE",
      "2026-11-28 09:00:01  warning   inventory.low_stock  CUP is low: 3 left",
      "2026-11-28 09:00:02  critical  inventory.oversold   CUP is oversold by 2 units",
    ]);
  });

  it("has the ids for whoever wants one of them next", () => {
    expect(notificationTable([LOW], { withIds: true })).toMatch(/TITLE +ID\n.* left +stock\/sku_1\/4\/low$/);
  });
});
