import { join } from 'node:path';
import { ISSUER_VARS } from '../issuer-vars.ts';
import { bundleWorker, startWorkerd, type Workerd } from '../runtimes/index.ts';

const WORKER = join(import.meta.dirname, 'log.worker.ts');

/** All of them: an issuer that lacks one has no configuration, and signs nothing. */
const OBJECTS = {
  ACTIVITY: 'Activity',
  APPROVALS: 'Approvals',
  AUDIT_LOG: 'AuditLog',
  BREAKER: 'Breaker',
  FEED_ARCHIVE: 'FeedArchive',
  LOG: 'TransparencyLog',
  OPERATORS: 'Operators',
  REPLAY_STORE: 'ReplayStore',
  REVOCATION_LOG: 'RevocationLog',
  SIGNAL_STREAMS: 'SignalStreams',
  STATUS_LIST: 'StatusList',
  SUBJECT_KEYS: 'SubjectKeys',
  TALLY: 'Tally',
  TILE_STORE: 'TileStore',
  VERSIONS: 'Versions',
  WATCHDOG: 'Watchdog',
  WORKFLOW: 'Workflow',
};

/** The logs of an issuer in a workerd of their own, with their archive in objects beside them. */
export interface Logs {
  readonly workerd: Workerd;
  readonly ask: <T>(path: string, order: unknown) => Promise<T>;
  readonly stop: () => Promise<void>;
}

/** `replaced` has modules of the issuer by the ends of their paths, and what stands in for them. */
export async function startLogs(replaced: Readonly<Record<string, string>> = {}): Promise<Logs> {
  const state = { objects: OBJECTS, vars: ISSUER_VARS };
  const folder = await bundleWorker(WORKER, {}, state, replaced);
  const workerd = await startWorkerd(folder);
  return {
    workerd,
    ask: async (path, order) => {
      const body = JSON.stringify(order);
      const response = await fetch(workerd.url + path, { method: 'POST', body });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return await response.json();
    },
    stop: async () => {
      await workerd.stop();
      await folder.remove();
    },
  };
}
