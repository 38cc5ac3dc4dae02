/** What a channel was sent, and would be. */
import { Hono } from "hono";
import type { ChannelDocument } from "../services/channels/channel-documents.ts";
import type { AppEnv } from "./app-env.ts";
import { UNKNOWN_CHANNEL } from "./channels-routes.ts";
import { parseQuery } from "./parse.ts";
import { channelParam } from "./policy-routes.ts";
import { type Problem, problem } from "./problem.ts";
import { iso } from "./time-to-wire.ts";
import { documentsQuery, previewQuery } from "./wire/channel-documents.ts";

export const channelDocumentRoutes = new Hono<AppEnv>()
  .get("/:channel/documents", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const query = parseQuery(c, documentsQuery);
    if (!query.ok) return problem(c, query.error);
    const { channelDocuments, channels } = c.get("services");
    if ((await channels.view(id.value)) === null) return problem(c, UNKNOWN_CHANNEL);
    const { documents, nextCursor } = await channelDocuments.documents({ channel: id.value, ...query.value });
    return c.json({ documents: documents.map(documentToWire), next: nextCursor });
  })
  .post("/:channel/documents/:document/resend", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const document = await c.get("services").channelDocuments.resend(id.value, c.req.param("document"));
    return document === null ? problem(c, UNKNOWN_DOCUMENT) : c.json(documentToWire(document), 202);
  })
  .get("/:channel/preview", async (c) => {
    const id = channelParam(c.req.param("channel"));
    if (!id.ok) return problem(c, id.error);
    const query = parseQuery(c, previewQuery);
    if (!query.ok) return problem(c, query.error);
    const { after, limit } = query.value;
    const preview = await c.get("services").channelDocuments.preview(id.value, after ?? null, limit);
    return preview === null ? problem(c, UNKNOWN_CHANNEL) : c.json(preview);
  });

const UNKNOWN_DOCUMENT: Problem = {
  code: "not_found",
  detail: "The channel has no document of this id.",
  field: "document",
};

function documentToWire({ attempts, createdAtMs, updatedAtMs, ...document }: ChannelDocument) {
  return {
    ...document,
    attempts: attempts.map(({ atMs, ...attempt }) => ({ at: iso(atMs), ...attempt })),
    createdAt: iso(createdAtMs),
    updatedAt: iso(updatedAtMs),
  };
}
