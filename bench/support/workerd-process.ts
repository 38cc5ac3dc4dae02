import { childrenOf, residentBytes } from "../../dev/stack/child-processes.ts";

/** Resident memory of every workerd that this process started, bytes; null where the system does not tell. */
export function workerdBytes(): number | null {
  const ours = childrenOf(process.pid).filter(({ name }) => name.startsWith("workerd"));
  return ours.length === 0 ? null : ours.reduce((sum, { pid }) => sum + residentBytes(pid), 0);
}
