/** Processes as the system tells them (Linux; elsewhere none are found). */
import { readdirSync, readFileSync } from "node:fs";

export type ChildProcess = { readonly pid: number; readonly name: string; readonly startedAt: string };

/** Direct children of a process. */
export function childrenOf(parent: number): readonly ChildProcess[] {
  return allPids().flatMap((pid) => {
    const found = describe(pid);
    return found !== null && found.parent === parent ? [found] : [];
  });
}

/** Null when it has ended. `startedAt` tells it from a later process under the same number. */
export function describe(pid: number): (ChildProcess & { readonly parent: number }) | null {
  const stat = readProc(`${pid}/stat`);
  const name = /\((.*)\)/.exec(stat)?.[1];
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (name === undefined || fields[0] === "Z") return null;
  return { pid, name, parent: Number(fields[1]), startedAt: fields[19] ?? "" };
}

/** Resident memory, bytes; 0 when it has ended. */
export const residentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`))?.[1] ?? 0) * 1_024;

function allPids(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}
