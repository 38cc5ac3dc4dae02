/**
 * The working copy of one listing while a batch is applied. It knows what was there before, collects what the batch
 * has to report, and gives unchanged parts back as the same objects.
 */
import type { HintId, ListingId, LocationId, PushKey } from "../ids.ts";
import type { Attribution, Settlement } from "./events.ts";
import { hintSums } from "./hint-sums.ts";
import { MapDraft } from "./map-draft.ts";
import type { Hint, LevelReplica, ListingReplica, OpenPush, Spare } from "./state.ts";

/** What the caller must write into the books. */
export type Report = { readonly settlements: Settlement[]; readonly attributions: Attribution[] };

export class ListingDraft {
  readonly id: ListingId;
  readonly before: ListingReplica;
  readonly report: Report;
  readonly levels: MapDraft<LocationId, LevelReplica>;
  readonly hints: MapDraft<HintId, Hint>;
  readonly open: MapDraft<PushKey, OpenPush>;
  rules: ListingReplica["rules"];
  /** What set `settled` last in this batch, where it was not a snapshot. */
  readonly evidence = new Map<LocationId, { readonly kind: Settlement["evidence"]; readonly settled: number }>();
  spares: readonly Spare[];
  read: ListingReplica["read"];
  auditAtMs: number;
  doubtAtMs: number;
  noReadBeforeMs: number;
  noPushBeforeMs: number;
  noRecallBeforeMs: number;
  noReleaseBeforeMs: number;
  failures: number;
  /** A read was answered in this batch. */
  readAnswered = false;
  readonly #anticipated: Map<LocationId, number>;
  #ownSpares: Spare[] = [];

  constructor(id: ListingId, before: ListingReplica, report: Report) {
    this.id = id;
    this.before = before;
    this.report = report;
    this.levels = new MapDraft(before.levels);
    this.hints = new MapDraft(before.hints);
    this.open = new MapDraft(before.open);
    this.rules = before.rules;
    this.#anticipated = new Map(hintSums(before.hints).anticipated);
    this.spares = before.spares;
    this.read = before.read;
    this.auditAtMs = before.auditAtMs;
    this.doubtAtMs = before.doubtAtMs;
    this.noReadBeforeMs = before.noReadBeforeMs;
    this.noPushBeforeMs = before.noPushBeforeMs;
    this.noRecallBeforeMs = before.noRecallBeforeMs;
    this.noReleaseBeforeMs = before.noReleaseBeforeMs;
    this.failures = before.failures;
  }

  /** Hints of generations before this one have had their say: the read answered in this batch started after them. */
  get heardBefore(): number {
    return this.readAnswered ? this.before.reads : 0;
  }

  /** Changes one level; a level that is not connected is left so. */
  patchLevel(locationId: LocationId, patch: Partial<LevelReplica>): void {
    const level = this.levels.get(locationId);
    if (level === undefined) return;
    const changed = (Object.keys(patch) as (keyof LevelReplica)[]).some((part) => patch[part] !== level[part]);
    if (changed) this.levels.set(locationId, { ...level, ...patch });
  }

  patchLevels(patch: Partial<LevelReplica>): void {
    for (const locationId of this.levels.current.keys()) this.patchLevel(locationId, patch);
  }

  setHint(hint: Hint): void {
    this.#moveAnticipated(hint.predicted, Math.min(this.hints.get(hint.id)?.left ?? 0, 0) - Math.min(hint.left, 0));
    this.hints.set(hint.id, hint);
  }

  /** Changes one spare in a copy that is made once per batch: many hints may meet many spares. */
  setSpare(index: number, spare: Spare): void {
    if (this.spares !== this.#ownSpares) this.#ownSpares = [...this.spares];
    this.#ownSpares[index] = spare;
    this.spares = this.#ownSpares;
  }

  /** Units that open hints take at a location: those from before the batch, then kept up to date. */
  anticipatedAt(locationId: LocationId): number {
    return this.#anticipated.get(locationId) ?? 0;
  }

  /** The listing as it is now: the same object as before when nothing changed. */
  result(): ListingReplica {
    const { before } = this;
    const now: ListingReplica = {
      levels: this.levels.currentOrOriginal,
      hints: this.hints.current,
      spares: this.spares,
      open: this.open.current,
      rules: this.rules,
      read: this.read,
      reads: before.reads,
      auditAtMs: this.auditAtMs,
      doubtAtMs: this.doubtAtMs,
      noReadBeforeMs: this.noReadBeforeMs,
      noPushBeforeMs: this.noPushBeforeMs,
      noRecallBeforeMs: this.noRecallBeforeMs,
      noReleaseBeforeMs: this.noReleaseBeforeMs,
      failures: this.failures,
    };
    return sameParts(before, now) ? before : now;
  }

  #moveAnticipated(locationId: LocationId, units: number): void {
    if (units === 0) return;
    this.#anticipated.set(locationId, (this.#anticipated.get(locationId) ?? 0) + units);
  }
}

function sameParts(before: ListingReplica, now: ListingReplica): boolean {
  return (Object.keys(now) as (keyof ListingReplica)[]).every((part) => before[part] === now[part]);
}
