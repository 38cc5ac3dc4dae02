/**
 * `npm run onhand -- …`: what an operator does from the command line. Talks to a deployed Onhand (or the local stack) with
 * its admin token; never to Shopify itself, so that every call keeps to the shop's one gate.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readStackFile } from "../stack/stack-file.ts";
import { ApiProblem, onhandClient } from "./client.ts";
import { type CommandContext, type Flags, OPTIONS, UsageError } from "./command-context.ts";
import { type Found, findCommand } from "./commands.ts";
import { findTarget } from "./target.ts";

const HELP = `onhand: operate an Onhand deployment

  onhand webhooks sync --url URL   create and mend the shop's webhook subscriptions. Here URL is where Shopify delivers (without a
                                   path: URL/webhooks/shopify); the deployment is ONHAND_URL, else the local stack, else URL.
                                   --replace moves those that deliver to the same path on another host
  onhand webhooks list             show them
  onhand import                    import locations, variants and levels; reports blank, duplicate and unmapped SKUs
  onhand listings report           what is not counted, and why   [--status unmapped|blank_sku|duplicate_sku|…|active|all]
  onhand listings attach ITEM SKU  count an inventory item under a SKU that is counted already; it shows that stock   [--dry-run]
  onhand listings release ITEM SKU take a SKU from the inventory item that holds it: the next import may give it to another
  onhand levels SKU …              levels of SKUs; of one SKU as they were: --as-of 2026-11-27T10:00:00Z
  onhand sellable SKU CHANNEL      what a channel (a shop's domain, or a name) may sell of it, and by which rules
  onhand channel stop SKU CHANNEL  stop-sell, at once; channel resume SKU CHANNEL ends it
  onhand channel set SKU CHANNEL   rules of its own: [--buffer N or N%] [--zero-below N] [--cap N]; channel clear SKU CHANNEL: none
  onhand channel rules CHANNEL     default rules of a channel, and how many SKUs have learnt them; the same flags set them, --clear
                                   takes them back
  onhand policy SKU                the whole policy of a SKU
  onhand movements SKU             history of a SKU, newest first   [--kind sale,count] [--location ID] [--source S] [--reason R]
                                   [--channel C] [--reference R] [--correlation ID] [--from TIME] [--to TIME]
  onhand shop connect --mode adopt|mirror [--dry-run]
                                   import the shop: its levels are stock, or shall show ours; the dry run lists each first push
  onhand shop disconnect [--dry-run]
                                   part the shop: what it supplied becomes ours, nothing more is sent to it
  onhand shop locations [THEIRS=OURS …]
                                   which location of ours each of its locations is; say so before it is connected
  onhand shop findings             what its news left to be seen to
  onhand oversells [SKU]           what is sold and not there, and whose order falls short   [--status open|resolved]
  onhand alerts                    what fires now, and what changed lately; --all: every threshold, too
  onhand alerts set ALERT --threshold N --reason TEXT   a threshold of your own [--minutes N: it must hold so long]; alerts reset ALERT
                                   takes it back
  onhand channels                  warehouses, tills, marketplaces, shops without a deploy
  onhand channels put ID FILE.json make or change one; its secret is shown once   [--dry-run]
  onhand channels show ID, health ID, test ID   what it is, how it is, and one call to it
  onhand channels credentials ID [NAME [FILE]]  which it has, or store one: the value from FILE or stdin, never from the command line;
                                   --clear removes it
  onhand channels connect ID [--mode adopt|mirror] [--dry-run]
                                   connect a till that keeps its own stock (Square): its counts are stock, or shall show ours; the dry run
                                   lists each first push
  onhand channels disconnect ID [--dry-run]   part it: what it supplied becomes ours, nothing more is sent to it
  onhand channels map ID FILE.csv  what it calls our SKUs: columns itemId, sku   [--dry-run]
  onhand channels rotate ID, pause ID [--reason TEXT], resume ID, documents ID
  onhand thresholds [SKU]          from when on it counts as low, of a SKU or of all others   [--low N [--back N] | --clear]
  onhand reorder-rule [SKU]        when it is bought again   [--point N --quantity N | --cover DAYS] [--lead DAYS] [--clear]
  onhand reorders                  what is on order   [--status open|received|cancelled] [--sku SKU]
  onhand reorders ask SKU --quantity N, reorders cancel ID --reason TEXT
  onhand counts                    counts that wait for a person   [--status held|…] [--sku SKU]
  onhand counts approve ID --reason TEXT, counts reject ID --reason TEXT
  onhand notifications [ID]        what there was to tell, the newest last; or one of it, and who was told   [--kind K] [--sku SKU] [--from TIME] [--to TIME]
  onhand destinations              who is told of it
  onhand destinations add --webhook URL | --slack URL | --email ADDRESS --name NAME   [--kinds inventory.*,…] [--severity warning]
                                   [--sku SKU]… [--digest MINUTES] [--quiet 22:00-07:00 --zone Europe/Berlin] [--key K]
  onhand destinations put ID …     the same under an id of your own; of one that is there, all of it anew
  onhand destinations test ID, rotate ID, enable ID, remove ID
  onhand destinations deliveries ID, resend DELIVERY   what it was told, with each try; one of it once more
  onhand trace ID                  every step of what a correlation id names, as one timeline   [--sku SKU: when the journal forgot it]
  onhand events                    recent events, newest first   [--topic T] [--step S] [--outcome O] [--shop SHOP] [--sku SKU]
                                   [--correlation ID] [--from TIME] [--to TIME]
  onhand reserve SKU=N …           hold stock, all or none; SKU=N@LOCATION at one place   [--ttl SECONDS] [--reference R] [--key K] [--dry-run]
  onhand reservation show ID       how it stands
  onhand reservation commit ID [SKU=N …]   sell all of it, or a part; the rest is released
  onhand reservation release ID, extend ID [--ttl SECONDS]
  onhand bundles list, show SKU    bundles, and what each takes from stock
  onhand bundles put SKU COMPONENT=N …     [--dry-run]
  onhand bundles delete SKU
  onhand export [--out FILE]       levels of all SKUs as CSV
  onhand import-counts FILE.csv    a stocktake: columns sku, locationId, counted, of? (available|on_hand), countedAt?. A dry run
                                   comes first, and counts only if every row is right; --dry-run: that alone. Cut off? Say it again
  onhand dead-letters list         what could not be processed   [--status waiting|replayed|discarded] and by filter: [--queue Q] [--topic T]
                                   [--sku SKU] [--channel C] [--code C,…] [--correlation ID] [--from TIME] [--to TIME] [--text T]
  onhand dead-letters show ID      one of them: why, what happened to it, its payload
  onhand dead-letters replay ID …  process again
  onhand dead-letters edit ID --out FILE, then edit ID FILE
                                   mend its payload and replay it; the original is kept
  onhand dead-letters discard ID … --reason TEXT
  onhand dead-letters replay-all --name NAME     all that match the filter, as a job; waits for its end   [--dry-run]
  onhand dead-letters discard-all --name NAME --reason TEXT   [--dry-run]
  onhand dead-letters jobs [NAME], cancel NAME   how far they are, and which letters failed
  onhand audit [ID]                who did what   [--actor A] [--correlation ID] [--from TIME] [--to TIME]
  onhand reconcile                 compare levels with Shopify, fetch missed orders, heal by reading; waits for the end. What Shopify
                                   changed since the last time, or [--sku SKU]… or [--all]; [--dry-run] changes nothing
  onhand reconcile overwrite RUN FINDING --reason TEXT   put our number over Shopify's: its change is undone
  onhand reconcile cancel RUN      give it up
  onhand reconciliations [RUN]     the runs, or what one of them found
  onhand breakers                  circuit breakers: where calls go, where they do not, since when and why
  onhand breakers isolate DESTINATION --reason TEXT   send nothing there (shopify/SHOP, square/CHANNEL, webhook/HOST), until breakers release DESTINATION
  onhand gate status               the shop's budget, queue and catches
  onhand gate stop, gate go        no call at all to Shopify; the end of that
  onhand gate set [--read-only | --writable] [--stop | --go] [--delta-max N]
  onhand gate resume               try again at once: the cause of its pause is gone
  onhand gate held                 pushes that wait, and why

  --url URL      the deployment (default: ONHAND_URL, else the local stack that runs here)
  --token TOKEN  its ADMIN_TOKEN (default: ONHAND_TOKEN, else the local stack's)
  --shop SHOP    name.myshopify.com; of gate and reconcile also a till that keeps its own stock, by its channel's name
                 (default: SHOPIFY_SHOP, else the local stack's)
  --all          gate status, stop, go, set: every shop and till of the deployment; reconcile: every level;
                 alerts: every threshold
  --json         answer in JSON
  --version, --help`;

async function main(): Promise<number> {
  let parsed: { values: Flags; positionals: string[] };
  try {
    parsed = parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\nSee --help.`, 2);
  }
  const { values: flags, positionals } = parsed;
  if (flags.version) return say(`onhand ${version()} (node ${process.version})`);
  if (flags.help || positionals.length === 0) return say(HELP);
  let found: Found;
  try {
    found = findCommand(positionals);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), 2);
  }
  const urlIsDelivery = found.name === "webhooks sync";
  const target = findTarget(flags, { env: process.env, stack: readStackFile(), urlIsDelivery });
  if (!target.ok) return fail(target.reason, 2);
  const { url, token, shop } = target;
  const context: CommandContext = {
    client: onhandClient(url, token),
    flags,
    args: found.args,
    shop: () => {
      if (shop === null) throw new UsageError("Name the shop: --shop name.myshopify.com, or SHOPIFY_SHOP.");
      return shop;
    },
  };
  try {
    const { answer, text, code = 0 } = await found.command(context);
    say(flags.json ? JSON.stringify(answer, null, 2) : text);
    return code;
  } catch (error) {
    if (error instanceof UsageError) return fail(error.message, 2);
    if (error instanceof ApiProblem) return fail(error.message, 1);
    return fail(`${url} does not answer: ${error instanceof Error ? error.message : error}`, 1);
  }
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;

function say(text: string): number {
  console.log(text);
  return 0;
}

function fail(text: string, code: number): number {
  console.error(text);
  return code;
}

process.exitCode = await main();
