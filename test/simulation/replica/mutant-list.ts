/** Rules of the merge, each broken on purpose. Every one of them must be noticed. */
export type Mutant = {
  readonly name: string;
  /** Path from the root of the project. */
  readonly file: string;
  /** Text that stands exactly once in the file. */
  readonly find: string;
  readonly put: string;
};

const DOMAIN = "src/domain/replica";
const MODEL = "test/simulation/replica";

/** In the merge itself. */
export const RULE_MUTANTS: readonly Mutant[] = [
  {
    name: "no news does not move the base",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "atMs = Math.max(atMs, snapshot.atMs);",
    put: "",
  },
  {
    name: "an ambiguity may raise what counts",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "effective = Math.min(effective, mostLeft(level, snapshot, tieMs));",
    put: "effective = mostLeft(level, snapshot, tieMs);",
  },
  {
    name: "the lowest forgets the settled value",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "lowest = Math.min(lowest, readingIfNewer(level, snapshot, tieMs).lowest);",
    put: "lowest = readingIfNewer(level, snapshot, tieMs).lowest;",
  },
  {
    name: "the lowest is only what is certain",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "lowest = Math.min(lowest, readingIfNewer(level, snapshot, tieMs).lowest);",
    put: "lowest = Math.min(lowest, readingIfNewer(level, snapshot, tieMs).highest);",
  },
  {
    name: "a snapshot as old as the base contains what the base contains",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "if (snapshot.atMs > level.atMs + tieMs) return newer.highest;",
    put: "return newer.highest;",
  },
  {
    name: "a tied snapshot settles",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "if (snapshot.atMs <= level.atMs + tieMs ||",
    put: "if (snapshot.atMs < level.atMs ||",
  },
  {
    name: "a late snapshot is not stale",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: ".filter((snapshot) => snapshot.atMs >= level.atMs - tieMs)",
    put: "",
  },
  {
    name: "the ambiguous settles at its first reading",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "lowest !== settled || highest !== settled",
    put: "lowest !== settled",
  },
  {
    name: "contained pushes are forgotten at once",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "push.atMs === null || push.atMs >= level.atMs - 3 * tieMs",
    put: "push.atMs === null",
  },
  {
    name: "forgotten pushes are not summed",
    file: `${DOMAIN}/evaluate-level.ts`,
    find: "forgotten += push.delta;",
    put: "",
  },
  {
    name: "available is left out of a snapshot's identity",
    file: `${DOMAIN}/take-snapshot.ts`,
    find: "other.available === available && ",
    put: "available !== Number.POSITIVE_INFINITY && ",
  },
  {
    name: "snapshots during a read are not kept for its answer",
    file: `${DOMAIN}/take-snapshot.ts`,
    find: "level.since === null ? null : withoutSuperseded(withSnapshot(level.since, snapshot), tieMs)",
    put: "level.since === null ? null : withoutSuperseded(level.since, tieMs)",
  },
  {
    name: "an equal stamp contains the push",
    file: `${DOMAIN}/containment.ts`,
    find: "atMs < snapshot.atMs - tieMs) return k;",
    put: "atMs <= snapshot.atMs + tieMs) return k;",
  },
  {
    name: "an equal stamp excludes the push",
    file: `${DOMAIN}/containment.ts`,
    find: "push.atMs > snapshot.atMs + tieMs) break;",
    put: "push.atMs >= snapshot.atMs - tieMs) break;",
  },
  {
    name: "a push in flight is never contained",
    file: `${DOMAIN}/containment.ts`,
    find: "if (push.atMs !== null && push.atMs > snapshot.atMs + tieMs) break;",
    put: "if (push.atMs === null || push.atMs > snapshot.atMs + tieMs) break;",
  },
  {
    name: "what the base contains is told by time alone",
    file: `${DOMAIN}/containment.ts`,
    find: "<= level.containedN) inBase++;",
    put: "<= level.containedN - 1_000_000) inBase++;",
  },
  {
    name: "a snapshot does not tell what it contains",
    file: `${DOMAIN}/containment.ts`,
    find: "return Math.max(level.containedN, last?.n ?? 0);",
    put: "return last === undefined ? 0 : last.n + 1;",
  },
  {
    name: "a read does not contain the pushes before it",
    file: `${DOMAIN}/read-end.ts`,
    find: "settled, atMs, containedN: level.sentN, pushes",
    put: "settled, atMs, pushes",
  },
  {
    name: "a push of unknown time is taken for one of long ago",
    file: `${DOMAIN}/read-end.ts`,
    find: "push.atMs === null ? { ...push, atMs } : push",
    put: "push.atMs === null ? { ...push, atMs: 0 } : push",
  },
  {
    name: "a read settles what was pending, and what came meanwhile",
    file: `${DOMAIN}/read-end.ts`,
    find: "{ pending: level.since, since: null }",
    put: "{ pending: [], since: null }",
  },
  {
    name: "reads follow each other at once",
    file: `${DOMAIN}/read-end.ts`,
    find: "draft.readAnswered = true;\n  draft.read = null;\n  draft.noReadBeforeMs = nowMs + windows.minReadMs;",
    put: "draft.readAnswered = true;\n  draft.read = null;\n  draft.noReadBeforeMs = nowMs + 0 * windows.minReadMs;",
  },
  {
    name: "an answer to a read given up counts",
    file: `${DOMAIN}/merge.ts`,
    find: "if (draft.read?.key === event.key) answerRead",
    put: "if (draft.read === null || draft.read.key !== null) answerRead",
  },
  {
    name: "a read given up stays in flight",
    file: `${DOMAIN}/housekeeping.ts`,
    find: "nowMs >= draft.read.startedMs + windows.readTimeoutMs",
    put: "nowMs >= draft.read.startedMs + 1e9 * windows.readTimeoutMs",
  },
  {
    name: "a read drops hints that came after it started",
    file: `${DOMAIN}/housekeeping.ts`,
    find: "hint.generation >= generationMin",
    put: "hint.generation >= generationMin + (draft.readAnswered ? 1 : 0)",
  },
  {
    name: "a hint is covered without slack",
    file: `${DOMAIN}/cover.ts`,
    find: "return baseMs > atMs + slackMs;",
    put: "return baseMs > atMs + 0 * slackMs;",
  },
  {
    name: "an order without location is covered by any level",
    file: `${DOMAIN}/cover.ts`,
    find: "oldestMs = Math.min(oldestMs, level.atMs);",
    put: "oldestMs = oldestMs === Number.POSITIVE_INFINITY ? level.atMs : Math.max(oldestMs, level.atMs);",
  },
  {
    name: "an explained hint is never verified",
    file: `${DOMAIN}/read-due.ts`,
    find: "Math.min(firstOpenMs + windows.graceMs, firstExplainedMs + windows.verifyMs)",
    put: "firstOpenMs + windows.graceMs",
  },
  {
    name: "an unexplained hint asks for no read",
    file: `${DOMAIN}/read-due.ts`,
    find: "Math.min(firstOpenMs + windows.graceMs, firstExplainedMs + windows.verifyMs)",
    put: "firstExplainedMs + windows.verifyMs",
  },
  {
    name: "a hint moves the ledger",
    file: `${DOMAIN}/take-hint.ts`,
    find: "const left = matchSpares(draft, hint, windows.slackMs);",
    put: "const left = matchSpares(draft, hint, windows.slackMs);\n  draft.patchLevel(first, { settled: (draft.levels.get(first)?.settled ?? 0) + left });",
  },
  {
    name: "a failed push stays in the sum",
    file: `${DOMAIN}/push-end.ts`,
    find: "if (pushes !== undefined) draft.patchLevel(locationId, { pushes });",
    put: "if (pushes === undefined) draft.patchLevel(locationId, {});",
  },
  {
    name: "a stale push response settles",
    file: `${DOMAIN}/push-end.ts`,
    find: "atMs === null || atMs < level.atMs - tieMs) return {};",
    put: "atMs === null || tieMs < 0) return {};",
  },
  {
    name: "the level after a push does not contain it",
    file: `${DOMAIN}/push-end.ts`,
    find: "const settled = told - sentTotal(level);",
    put: "const settled = told - sentTotal(level) + push.delta;",
  },
  {
    name: "a push of unknown time asks for no read",
    file: `${DOMAIN}/push-end.ts`,
    find: "draft.auditAtMs = Math.min(draft.auditAtMs, nowMs);",
    put: "draft.auditAtMs = Math.min(draft.auditAtMs, nowMs + Number.POSITIVE_INFINITY);",
  },
  {
    name: "a shop's own part is pushed back to it",
    file: `${DOMAIN}/truth.ts`,
    find: "available - level.effective + (anticipated.get(locationId) ?? 0)",
    put: "available - 0 * level.effective + (anticipated.get(locationId) ?? 0)",
  },
  {
    name: "what a shop sold is pushed to it as well, while it is news",
    file: `${DOMAIN}/truth.ts`,
    find: "available - level.effective + (anticipated.get(locationId) ?? 0)",
    put: "available - level.effective",
  },
  {
    name: "the floor is what is shown",
    file: `${DOMAIN}/truth.ts`,
    find: "floor: ledger - uncertain - taken",
    put: "floor: ledger - doubt - taken",
  },
  {
    name: "two pushes in flight at one level",
    file: `${DOMAIN}/start.ts`,
    find: "level.parked || busy.has(locationId)) continue;",
    put: "level.parked) continue;",
  },
  {
    name: "a read overlaps a push",
    file: `${DOMAIN}/start.ts`,
    find: 'if (readDueMs(listing, windows) <= nowMs && listing.open.size === 0) return "read";',
    put: 'if (readDueMs(listing, windows) <= nowMs) return "read";',
  },
  {
    name: "a push starts while a read is due",
    file: `${DOMAIN}/start.ts`,
    find: "listing.read === null && readDueMs(listing, windows) > nowMs &&",
    put: "listing.read === null &&",
  },
  {
    name: "a second listing adopts the same pool",
    file: `${DOMAIN}/connect-level.ts`,
    find: 'event.kind === "adopt" && !batch.isStockedElsewhere(listingId, locationId)',
    put: 'event.kind === "adopt" && !batch.isStockedElsewhere(listingId, listingId as never)',
  },
  {
    name: "what a doubt was explained by is attributed whole",
    file: `${DOMAIN}/explanations.ts`,
    find: "if (quantity < 0) return Math.min(0, Math.max(quantity, amount));",
    put: "if (quantity < 0) return amount < 0 ? quantity : 0;",
  },
  {
    name: "spares of a doubt survive it",
    file: `${DOMAIN}/explain-level.ts`,
    find: "spare.settlement <= before.settlements,",
    put: "spare.settlement <= before.settlements + 1,",
  },
  {
    name: "a doubt that passed keeps its orders",
    file: `${DOMAIN}/explain-level.ts`,
    find: "  giveBack(draft, kept.rest);",
    put: "",
  },
  {
    name: "orders of the same moment explain before those certainly contained",
    file: `${DOMAIN}/explain-level.ts`,
    find: "return [...covered, ...named, ...unnamed];",
    put: "return [...named, ...unnamed, ...covered];",
  },
  {
    name: "orders before an order are not reckoned with",
    file: `${DOMAIN}/take-hint.ts`,
    find: " - draft.anticipatedAt(id) >=",
    put: " >=",
  },
  {
    name: "a known hint reserves again",
    file: `${DOMAIN}/take-hint.ts`,
    find: "draft.hints.get(event.id) !== undefined",
    put: "draft.hints.get(event.id)?.left === 0.5",
  },
  {
    name: "near is anything",
    file: `${DOMAIN}/near.ts`,
    find: "return earliestMs < hint.atMs && hint.atMs <= change.toMs + slackMs;",
    put: "return earliestMs - 1e9 < hint.atMs && hint.atMs <= change.toMs + slackMs + 1e9;",
  },
  {
    name: "a parked level takes pushes",
    file: `${DOMAIN}/start.ts`,
    find: "level.parked || busy",
    put: "busy",
  },
  {
    name: "a level missing from an answer is not parked",
    file: `${DOMAIN}/read-end.ts`,
    find: '{ ...measured, parked: level.parked ?? "missing" }',
    put: "measured",
  },
  {
    name: "a disconnected listing keeps its doubt as stock",
    file: `${DOMAIN}/connect-level.ts`,
    find: "batch.addOwn(locationId, level.lowest);",
    put: "batch.addOwn(locationId, level.settled);",
  },
  {
    name: "equal snapshots are one, whatever was pushed between them",
    file: `${DOMAIN}/take-snapshot.ts`,
    find: " && other.n === n);",
    put: " && n >= 0);",
  },
  {
    name: "every push puts the read of a doubt off",
    file: `${DOMAIN}/housekeeping.ts`,
    find: "levels.some((level) => level.pending.length > 0)\n",
    put: "draft.open.current.size === 0 && levels.some((level) => level.pending.length > 0)\n",
  },
  {
    name: "a push that hangs stops the other levels",
    file: `${DOMAIN}/read-due.ts`,
    find: "level.pending.length > 0 && !busy.has(locationId)",
    put: "level.pending.length > 0 && !busy.has(locationId + locationId as never)",
  },
  {
    name: "a doubt holds pushes back",
    file: `${DOMAIN}/start.ts`,
    find: "level.parked || busy.has(locationId)) continue;",
    put: "level.parked || level.pending.length > 0 || busy.has(locationId)) continue;",
  },
  {
    name: "failures do not add up",
    file: `${DOMAIN}/push-end.ts`,
    find: "2 ** (draft.failures - 1)",
    put: "2 ** 0",
  },
  {
    name: "the alarm forgets doubts, audits and hints",
    file: `${DOMAIN}/next-tick.ts`,
    find: "return [listing.noPushBeforeMs, readDueMs(listing, windows)];",
    put: "return readDueMs(listing, windows) > 0 ? [listing.noPushBeforeMs] : [];",
  },
  {
    name: "the alarm forgets failed pushes",
    file: `${DOMAIN}/next-tick.ts`,
    find: "if (listing.open.size === 0) return [listing.noPushBeforeMs, readDueMs",
    put: "if (listing.open.size === 0) return [Number.POSITIVE_INFINITY, readDueMs",
  },
  {
    name: "a held push is never asked back",
    file: `${DOMAIN}/start.ts`,
    find: 'if (Math.max(listing.noRecallBeforeMs, recallDueMs(listing, windows)) <= nowMs) return "recall";',
    put: "",
  },
  {
    name: "only a readable doubt asks a push back",
    file: `${DOMAIN}/read-due.ts`,
    find: "return dueMs(listing, listing.doubtAtMs, windows) + windows.recallMs;",
    put: "return dueMs(listing, Number.POSITIVE_INFINITY, windows) + windows.recallMs;",
  },
  {
    name: "a push is asked back all the time",
    file: `${DOMAIN}/start.ts`,
    find: "noRecallBeforeMs: nowMs + windows.recallEveryMs",
    put: "noRecallBeforeMs: 0",
  },
  {
    name: "the next held push is asked back a minute after the last",
    file: `${DOMAIN}/housekeeping.ts`,
    find: "if (draft.open.current.size === 0) draft.noRecallBeforeMs = 0;",
    put: "",
  },
  {
    name: "a push that came back stays in the sum",
    file: `${DOMAIN}/push-end.ts`,
    find: "for (const locationId of rows.keys()) withdraw(draft, locationId, key);",
    put: "",
  },
  {
    name: "what a read missed stays parked",
    file: `${DOMAIN}/read-end.ts`,
    find: 'const parked = level.parked === "missing" ? null : level.parked;',
    put: "const { parked } = level;",
  },
  {
    name: "a read lifts what was refused",
    file: `${DOMAIN}/read-end.ts`,
    find: 'const parked = level.parked === "missing" ? null : level.parked;',
    put: "const parked = null;",
  },
  {
    name: "news of a missing level asks for no read",
    file: `${DOMAIN}/take-snapshot.ts`,
    find: 'if (level.parked === "missing" && event.atMs > level.atMs)',
    put: "if (event.atMs === Number.NEGATIVE_INFINITY)",
  },
  {
    name: "a covered order explains nothing",
    file: `${DOMAIN}/take-hint.ts`,
    find: "const left = matchSpares(draft, hint, windows.slackMs);",
    put: "if (coverOf(levels, windows.slackMs)(hint)) return;\n  const left = matchSpares(draft, hint, windows.slackMs);",
  },
  {
    name: "an order that comes again explains again",
    file: `${DOMAIN}/take-hint.ts`,
    find: "let left = quantity - explained;",
    put: "let left = quantity;",
  },
  {
    name: "an order that comes twice at once explains twice",
    file: `${DOMAIN}/take-hint.ts`,
    find: "if (part.hintId === id && part.listingId === draft.id) left -= part.quantity;",
    put: "",
  },
  {
    name: "an order that explains a doubt reserves again",
    file: `${DOMAIN}/take-hint.ts`,
    find: "for (const part of level.explained) if (part.hintId === id) left -= part.quantity;",
    put: "",
  },
  {
    name: "what explains a doubt is remembered without end",
    file: `${DOMAIN}/explanations.ts`,
    find: "if (excess <= 0) return parts;",
    put: "if (excess <= Number.POSITIVE_INFINITY) return parts;",
  },
  {
    name: "what could be given back goes into the sum first",
    file: `${DOMAIN}/explanations.ts`,
    find: "new Set([...gone, ...live].slice(",
    put: "new Set([...live, ...gone].slice(",
  },
  {
    name: "what can be started hides the other listing's alarm",
    file: `${DOMAIN}/next-tick.ts`,
    find: "if (atMs > nowMs) nextMs",
    put: "if (atMs > 0) nextMs",
  },
  {
    name: "what is overdue elsewhere is skipped",
    file: `${DOMAIN}/next-tick.ts`,
    find: "Math.max(housekeepingMs(listing, windows), nowMs)",
    put: "housekeepingMs(listing, windows) <= nowMs ? Number.POSITIVE_INFINITY : housekeepingMs(listing, windows)",
  },
  {
    name: "hints stay though a level covers them",
    file: `${DOMAIN}/housekeeping.ts`,
    find: "!isOldestOver && draft.levels.current === draft.before.levels",
    put: "!isOldestOver",
  },
  {
    name: "explained hints stay for ever",
    file: `${DOMAIN}/housekeeping.ts`,
    find: "!isOldestOver && draft.levels",
    put: "draft.levels",
  },
];

/** At the border: rules that the gate and the parsers keep for the merge. */
export const BORDER_MUTANTS: readonly Mutant[] = [
  {
    name: "B1: a refusal after an unclear attempt frees the key",
    file: `${MODEL}/gate.ts`,
    find: "(tainted ? timeline.in(RETRY_MS, retry) : this.#refuse(push))",
    put: "(tainted ? this.#refuse(push) : this.#refuse(push))",
  },
  {
    name: "B2: a replay tells the level of now with the time of then",
    file: `${MODEL}/gate.ts`,
    find: 'const tells = atMs !== null && plan.quantityAfter !== "never" && (!replayed || plan.quantityAfter === "in_replays");',
    put: 'const tells = atMs !== null && plan.quantityAfter !== "never";\n    for (const id of applied.after.keys()) (applied.after as Map<typeof id, unknown>).set(id, shop.level(id));',
  },
  {
    name: "B6: a read is stamped with the time of its answer",
    file: `${MODEL}/gate.ts`,
    find: "levels.push(level);",
    put: "levels.push({ ...level, atMs: shop.stamp(timeline.nowMs + backMs) });",
  },
  {
    name: "6: no tie where stamps are in disorder",
    file: `${MODEL}/plan.ts`,
    find: "return jitterMs === 0 ? 0 : Math.max(resolutionMs, jitterMs);",
    put: "return 0 * Math.max(resolutionMs, jitterMs);",
  },
  {
    name: "6: slack below the orders' skew",
    file: `${MODEL}/plan.ts`,
    find: "windows: { ...MERGE_WINDOWS, tieMs,",
    put: "windows: { ...MERGE_WINDOWS, slackMs: 500, tieMs,",
  },
];
