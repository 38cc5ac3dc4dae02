/** From within an object: its rows as they would be at another time, and the end of its life. */
import type { Treatment } from "../support/breakage.ts";

export type Treatable = { treat(treatment: Treatment): Promise<unknown> };

/** Nobody else gets between the two. @returns rows of each statement; of a life that ends nothing is heard */
export function treat(ctx: DurableObjectState, { sql = [], dies = false }: Treatment): Promise<unknown> {
  return ctx.blockConcurrencyWhile(async () => {
    const { storage } = ctx;
    const rows = storage.transactionSync(() =>
      sql.map(({ text, values = [] }) => storage.sql.exec(text, ...values).toArray()),
    );
    await storage.sync();
    if (dies) ctx.abort("its life was ended by a test");
    return rows;
  });
}

/** `<binding>/<name>` */
export async function treatObject(request: Request, env: Env, path: string): Promise<Response> {
  const [binding = "", name = ""] = path.split("/");
  const treatment = await request.json<Treatment>();
  const namespaces = env as unknown as Readonly<Record<string, DurableObjectNamespace>>;
  const stub = namespaces[binding]?.getByName(decodeURIComponent(name)) as unknown as Treatable;
  try {
    return Response.json(await stub.treat(treatment));
  } catch (error) {
    if (treatment.dies === true) return Response.json([]);
    return new Response(String(error), { status: 500 });
  }
}
