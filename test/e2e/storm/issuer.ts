/** The deployed issuer, with a clock that a test moves, and objects whose alarms it rings. */
import deployed from '../../../deployment/issuer.ts';
import type { LogName } from '../../../src/audit/index.ts';
import * as objects from '../../../workers/issuer/objects.ts';

export {
  Activity,
  Approvals,
  AuditLog,
  Breaker,
  DecisionSink,
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
} from '../../../workers/issuer/objects.ts';

/** Objects share the isolate with the Worker, and so its clock. */
let ahead = 0;
const now = Date.now.bind(Date);
Date.now = () => now() + ahead;

export class Workflow extends objects.Workflow {
  async wake(): Promise<void> {
    await this.alarm();
  }
}

export class TransparencyLog extends objects.TransparencyLog {
  async wake(): Promise<void> {
    await this.alarm();
  }
}

type Env = Parameters<typeof deployed.fetch>[1];

export default {
  fetch: async (request: Request, env: Env, ctx: ExecutionContext): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/storm/records') {
      // As the gateway of this account sends them, over a service binding.
      const { origin, records } = (await request.json()) as { origin: LogName; records: unknown[] };
      const sink = new objects.DecisionSink(ctx, env);
      return Response.json(await sink.append(records, undefined, origin));
    }
    if (pathname !== '/storm/wake') return deployed.fetch(request, env, ctx);
    ahead = Number(searchParams.get('ahead'));
    const workflow = searchParams.get('workflow');
    const logs = env.LOG as unknown as DurableObjectNamespace<TransparencyLog>;
    const workflows = env.WORKFLOW as unknown as DurableObjectNamespace<Workflow>;
    await (workflow ? workflows.getByName(workflow) : logs.getByName('control')).wake();
    return new Response();
  },
};
