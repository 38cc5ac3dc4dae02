/** Edit, then replay: the payload is checked and kept, with the original beside it, before anything is sent. */
import { changedPaths } from "../../domain/dead-letters/changed-paths.ts";
import type { CorrelationId } from "../../domain/ids.ts";
import type { Result } from "../../domain/result.ts";
import type { DeadLetterStore, EditedPayload, StoredDeadLetter } from "../dead-letters.ts";
import type { ReplayOutcome } from "../replay-dead-letter.ts";

export type PayloadFault = { readonly field: string; readonly message: string };

export type EditOutcome =
  | { readonly kind: "unknown" }
  /** It has been processed: there is nothing to mend. */
  | { readonly kind: "settled" }
  /** Somebody was faster, or it died again. */
  | { readonly kind: "other_version"; readonly version: number }
  | { readonly kind: "invalid"; readonly faults: readonly PayloadFault[] }
  | { readonly kind: "edited"; readonly version: number; readonly replay: ReplayOutcome };

export type By = { readonly actor: string; readonly correlationId: CorrelationId };

export interface EditLetterDeps {
  readonly store: Pick<DeadLetterStore, "get" | "edit">;
  check(letter: StoredDeadLetter, payload: unknown): Promise<Result<EditedPayload, readonly PayloadFault[]>>;
  replay(id: string, by: By): Promise<ReplayOutcome>;
  nowMs(): number;
}

const PATHS_MAX = 50;

/** @param version  of the letter as the editor read it */
export async function editLetter(
  id: string,
  version: number,
  payload: unknown,
  by: By,
  deps: EditLetterDeps,
): Promise<EditOutcome> {
  const letter = await deps.store.get(id);
  if (letter === null) return { kind: "unknown" };
  if (letter.version !== version) return { kind: "other_version", version: letter.version };
  if (letter.status === "replayed") return { kind: "settled" };
  const checked = await deps.check(letter, payload);
  if (!checked.ok) return { kind: "invalid", faults: checked.error };
  const fields = changedPaths(letter.payload, checked.value.payload, PATHS_MAX);
  const detail = `${fields.length} ${fields.length === 1 ? "field" : "fields"}`;
  const act = { ...by, detail, audit: { fields, version }, atMs: deps.nowMs() };
  const edited = await deps.store.edit(id, version, checked.value, act);
  if (edited === null) return { kind: "other_version", version: (await deps.store.get(id))?.version ?? version };
  return { kind: "edited", version: edited, replay: await deps.replay(id, by) };
}
