/** The deployed issuer, with objects that count what is billed. */
import deployed from '../../deployment/issuer.ts';
import type { LogName } from '../../src/audit/index.ts';
import * as objects from '../../workers/issuer/objects.ts';
import { type CountedObject, counted, countedEnv, moveClock, takeTallies } from './counted.ts';
import { OBJECTS_PATH, RECORDS_PATH, TALLIES_PATH, WAKE_PATH } from './paths.ts';

export const Approvals = counted('APPROVALS', objects.Approvals);
export const AuditLog = counted('AUDIT_LOG', objects.AuditLog);
export const Breaker = counted('BREAKER', objects.Breaker);
export const FeedArchive = counted('FEED_ARCHIVE', objects.FeedArchive);
export const Operators = counted('OPERATORS', objects.Operators);
export const ReplayStore = counted('REPLAY_STORE', objects.ReplayStore);
export const RevocationLog = counted('REVOCATION_LOG', objects.RevocationLog);
export const Activity = counted('ACTIVITY', objects.Activity);
export const SignalStreams = counted('SIGNAL_STREAMS', objects.SignalStreams);
export const StatusList = counted('STATUS_LIST', objects.StatusList);
export const SubjectKeys = counted('SUBJECT_KEYS', objects.SubjectKeys);
export const Tally = counted('TALLY', objects.Tally);
export const TileStore = counted('TILE_STORE', objects.TileStore);
export const TransparencyLog = counted('LOG', objects.TransparencyLog);
export const Versions = counted('VERSIONS', objects.Versions);
export const Watchdog = counted('WATCHDOG', objects.Watchdog);
export const Workflow = counted('WORKFLOW', objects.Workflow);

/** The entrypoint of gateways, which call it over a service binding. */
export class DecisionSink extends objects.DecisionSink {
  constructor(ctx: ExecutionContext, env: ConstructorParameters<typeof objects.DecisionSink>[1]) {
    super(ctx, countedEnv(env));
  }
}

type Env = Parameters<typeof deployed.fetch>[1];

/** Moves the clock, and runs the alarms that the platform would have run meanwhile. */
async function wake({ searchParams }: URL, env: Env): Promise<Response> {
  moveClock(Number(searchParams.get('seconds') ?? 0) * 1_000);
  const { WORKFLOW, LOG, ACTIVITY } = env;
  const objects = [
    [WORKFLOW, 'workflow'],
    [LOG, 'log'],
    [ACTIVITY, 'index'],
  ] as const;
  for (const [namespace, name] of objects) {
    const stubs = namespace as unknown as DurableObjectNamespace<CountedObject>;
    for (const one of searchParams.getAll(name)) await stubs.getByName(one).wake();
  }
  return new Response();
}

async function makeObjects({ searchParams }: URL, env: Env): Promise<Response> {
  const { WORKFLOW } = countedEnv(env);
  for (const id of searchParams.getAll('workflow')) await WORKFLOW.getByName(id).view(id);
  return new Response();
}

/** What a gateway's batch makes its issuer do, without the gateway. */
async function takeRecords(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const { records, log } = (await request.json()) as { records: unknown[]; log: LogName };
  return Response.json(await new DecisionSink(ctx, env).append(records, undefined, log));
}

export default {
  fetch: (request: Request, env: Env, ctx: ExecutionContext) => {
    const url = new URL(request.url);
    if (url.pathname === TALLIES_PATH) return Response.json(takeTallies());
    if (url.pathname === WAKE_PATH) return wake(url, env);
    if (url.pathname === OBJECTS_PATH) return makeObjects(url, env);
    if (url.pathname === RECORDS_PATH) return takeRecords(request, env, ctx);
    return deployed.fetch(request, countedEnv(env), ctx);
  },
};
