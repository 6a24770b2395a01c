/** The deployed issuer, with objects that count what is billed. */
import deployed from '../../deployment/issuer.ts';
import * as objects from '../../workers/issuer/objects.ts';
import { counted, countedEnv, takeTallies } from './counted.ts';
import { TALLIES_PATH } from './tallies-path.ts';

export const Approvals = counted('APPROVALS', objects.Approvals);
export const AuditLog = counted('AUDIT_LOG', objects.AuditLog);
export const Breaker = counted('BREAKER', objects.Breaker);
export const FeedArchive = counted('FEED_ARCHIVE', objects.FeedArchive);
export const ReplayStore = counted('REPLAY_STORE', objects.ReplayStore);
export const RevocationLog = counted('REVOCATION_LOG', objects.RevocationLog);
export const SignalStreams = counted('SIGNAL_STREAMS', objects.SignalStreams);
export const StatusList = counted('STATUS_LIST', objects.StatusList);
export const SubjectKeys = counted('SUBJECT_KEYS', objects.SubjectKeys);
export const TileStore = counted('TILE_STORE', objects.TileStore);
export const TransparencyLog = counted('LOG', objects.TransparencyLog);
export const Versions = counted('VERSIONS', objects.Versions);
export const Workflow = counted('WORKFLOW', objects.Workflow);

/** The entrypoint of gateways, which call it over a service binding. */
export class DecisionSink extends objects.DecisionSink {
  constructor(ctx: ExecutionContext, env: ConstructorParameters<typeof objects.DecisionSink>[1]) {
    super(ctx, countedEnv(env));
  }
}

export default {
  fetch: (request: Request, env: Parameters<typeof deployed.fetch>[1], ctx: ExecutionContext) =>
    new URL(request.url).pathname === TALLIES_PATH
      ? Response.json(takeTallies())
      : deployed.fetch(request, countedEnv(env), ctx),
};
