/** Rows as aligned text: what starts with a number, or is one, stands right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const texts = [head, ...rows].map((row) => row.map((cell) => (cell === null ? "–" : String(cell))));
  const widths = head.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? "").length)));
  const isRight = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => row[column] === null || typeof row[column] === "number"),
  );
  return texts
    .map((row) =>
      row
        .map((cell, column) =>
          isRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
