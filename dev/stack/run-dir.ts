/**
 * `.dev/run-PID`: all that one run keeps on disk, gone when it ends. A run that was killed leaves its directory and its
 * children behind: the next one ends those children, by their number and only if they are still the same processes, and
 * removes what is left.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ChildProcess, childrenOf, describe } from "./child-processes.ts";

const CHILDREN_FILE = "children.json";

export type RunDir = {
  readonly path: string;
  /** Writes down who would have to be ended, should this process not come to it. */
  noteChildren(): void;
  remove(): void;
};

export function openRunDir(devDir: string): RunDir {
  const path = join(devDir, `run-${process.pid}`);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return {
    path,
    noteChildren: () => writeFileSync(join(path, CHILDREN_FILE), JSON.stringify(childrenOf(process.pid))),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** @returns how many processes it ended */
export function sweepLeftovers(devDir: string): number {
  let ended = 0;
  for (const name of readdirOf(devDir)) {
    const pid = Number(/^run-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    for (const child of readChildren(join(devDir, name, CHILDREN_FILE))) {
      const now = describe(child.pid);
      if (now === null || now.startedAt !== child.startedAt || now.name !== child.name) continue;
      process.kill(child.pid, "SIGKILL");
      ended += 1;
    }
    rmSync(join(devDir, name), { recursive: true, force: true });
  }
  return ended;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // sends nothing
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function readdirOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readChildren(path: string): readonly ChildProcess[] {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as readonly ChildProcess[];
  } catch {
    return [];
  }
}
