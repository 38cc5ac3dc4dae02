/** What the workerd of this process uses, where the system tells (Linux). */
import { readdirSync, readFileSync } from "node:fs";

/** Resident memory of every workerd that this process started, bytes; null where the system does not tell. */
export function workerdBytes(): number | null {
  let pids: readonly string[];
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return null;
  }
  const ours = pids.filter((pid) => {
    const stat = readProc(`${pid}/stat`);
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    return stat.includes("(workerd") && parent === String(process.pid);
  });
  const kib = ours.map((pid) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`))?.[1] ?? 0));
  return ours.length === 0 ? null : kib.reduce((sum, one) => sum + one, 0) * 1_024;
}

/** Empty for a process that has ended meanwhile. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}
