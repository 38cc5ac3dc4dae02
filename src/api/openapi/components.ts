/** Schemas of answers that stand under a name of their own, because several answers hold them. */
import { alertChangeReply } from "../wire/alerts.ts";
import { breakerReply } from "../wire/breakers.ts";
import { channelReply } from "../wire/channels.ts";
import { jobReply, letterReply } from "../wire/dead-letters.ts";
import { gateReply } from "../wire/gate.ts";
import { bundleLevelsReply, levelsReply, locationLevels, pastLevelsReply } from "../wire/levels.ts";
import { movementReply } from "../wire/movements.ts";
import { oversellReply } from "../wire/oversells.ts";
import { policyFields, rulesReply } from "../wire/policies.ts";
import { findingReply, runReply } from "../wire/reconciliations.ts";
import { reservationReply } from "../wire/reservations.ts";
import type { Schema } from "./operation.ts";

export const COMPONENTS: Readonly<Record<string, Schema>> = {
  AlertChange: alertChangeReply,
  Breaker: breakerReply,
  BundleLevels: bundleLevelsReply,
  Channel: channelReply,
  ChannelRules: rulesReply,
  DeadLetter: letterReply,
  DeadLetterJob: jobReply,
  Finding: findingReply,
  Gate: gateReply,
  Levels: levelsReply,
  LocationLevels: locationLevels,
  Movement: movementReply,
  Oversell: oversellReply,
  PastLevels: pastLevelsReply,
  Policy: policyFields,
  Reconciliation: runReply,
  Reservation: reservationReply,
};
