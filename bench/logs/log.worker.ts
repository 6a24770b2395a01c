/** The issuer's logs, and a way to fill one: from inside workerd, over real objects on disk. */
import deployed from '../../deployment/issuer.ts';
import type { DecisionRecord, LogName } from '../../src/audit/index.ts';
import { canonicalJson } from '../../src/canonical-json.ts';
import * as objects from '../../workers/issuer/objects.ts';
import { OPERATOR } from '../issuer-vars.ts';
import type { AppendOrder, Filled, FillOrder } from './orders.ts';
import { soakRecord } from './soak-record.ts';

export {
  Activity,
  Approvals,
  AuditLog,
  Breaker,
  FeedArchive,
  Operators,
  ReplayStore,
  RevocationLog,
  SignalStreams,
  StatusList,
  SubjectKeys,
  Tally,
  TileStore,
  Versions,
  Watchdog,
  Workflow,
} from '../../workers/issuer/objects.ts';

/** The log, which says how large its database is. */
export class TransparencyLog extends objects.TransparencyLog {
  bytes(): number {
    return this.ctx.storage.sql.databaseSize;
  }
}

type Env = Parameters<typeof deployed.fetch>[1];
type Logs = DurableObjectNamespace<TransparencyLog>;
type Archives = DurableObjectNamespace<objects.TileStore>;

const logOf = (env: Env, log: LogName) => (env.LOG as unknown as Logs).getByName(log);
const archiveOf = (env: Env, log: LogName) =>
  (env.TILE_STORE as unknown as Archives).getByName(log);

const LOG: LogName = 'decisions-1-0';
/** What a gateway sends at most in one request. */
const BATCH = 100;
/** They share a transaction, as those of several gateways do. */
const BATCHES_AT_ONCE = 8;

const batchOf = (first: number, end: number): readonly DecisionRecord[] =>
  Array.from({ length: Math.min(BATCH, end - first) }, (_, place) => soakRecord(first + place + 1));

/** Appends records from an index on, and moves them to the archive. */
async function fill(env: Env, { from, to }: FillOrder): Promise<Filled> {
  const log = logOf(env, LOG);
  // The order of requests to one object is kept, so each record has the index that it names.
  for (let n = from; n < to; n += BATCHES_AT_ONCE * BATCH) {
    const firsts = Array.from({ length: BATCHES_AT_ONCE }, (_, place) => n + place * BATCH);
    const batches = firsts.filter((first) => first < to).map((first) => batchOf(first, to));
    await Promise.all(batches.map((batch) => log.append(batch)));
  }
  let state = await log.round();
  // One may have been running, which ends with the records that it began with.
  while (state.committed < state.size && state.stopped === undefined) state = await log.round();
  return {
    size: state.size,
    committed: state.committed,
    signed: state.checkpoint?.size ?? 0,
    logBytes: await log.bytes(),
    archiveBytes: await archiveOf(env, LOG).bytes(),
  };
}

/** Returns whether a reader finds this record at its index. */
async function hasRecord(env: Env, index: number, ctx: ExecutionContext): Promise<boolean> {
  const url = `${env.ISSUER}/admin/v1/audit/logs/${LOG}/entries?from=${index}&to=${index + 1}`;
  const headers = { authorization: `Bearer ${OPERATOR}` };
  const response = await deployed.fetch(new Request(url, { headers }), env, ctx);
  const { entries } = (await response.json()) as { entries: readonly { record: unknown }[] };
  const [found] = entries;
  return canonicalJson(found?.record as never) === canonicalJson(soakRecord(index + 1) as never);
}

let made = 0;

/** Appends single records, so many at once, to the control log: as mints do. */
async function appendSingly(env: Env, { times, atOnce }: AppendOrder): Promise<void> {
  const log = logOf(env, 'control');
  let left = times;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      made += 1;
      const { verifier: _, n: __, ...record } = soakRecord(made + 1);
      await log.append([{ ...record, id: `single.${made}` } as never]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const order: unknown = await request.json();
    switch (new URL(request.url).pathname) {
      case '/fill':
        return Response.json(await fill(env, order as FillOrder));
      case '/has':
        return Response.json(await hasRecord(env, order as number, ctx));
      case '/append':
        return Response.json((await appendSingly(env, order as AppendOrder)) ?? null);
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;
