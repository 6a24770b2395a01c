import type { KeyFile, Secrets } from '../key-file/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { diffVersions, renderDiff, type Version } from '../version/index.ts';
import { type ActiveVersion, decideVersion } from './decide-version.ts';
import { askIssuer, hasKeys } from './existing-issuer.ts';
import type { DeployStep, UploadStep } from './plan.ts';
import { withoutSecrets, withSecretsFile } from './secrets.ts';
import { type DeployedState, writeState } from './state.ts';

/** The versions of the issuer that is deployed. */
export interface VersionStore {
  active(): Promise<Result<ActiveVersion | null, string>>;
  show(id: string): Promise<Result<Version, string>>;
  put(version: Version, order: { readonly expects: string | null }): Promise<Result<null, string>>;
}

/** How many keys the feed should name, and why it does not name some of them. */
export interface PublishedKeys {
  readonly count: number;
  readonly unpublished: readonly string[];
}

export interface Deploying {
  /** Of the environment, below `.hewn`. */
  readonly stateFolder: string;
  readonly stateFile: string;
  readonly state: DeployedState;
  readonly keys: KeyFile;
  /** By role. */
  readonly secrets: ReadonlyMap<string, Secrets>;
  readonly version: Version;
  /** The beginning of the id of an active version that may be replaced. */
  readonly replace: string | undefined;
}

/** What a deployment does to the world. */
export interface DeployTools {
  readonly fetch: typeof fetch;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Runs wrangler in the folder of `hewn.toml`. */
  readonly wrangler: (args: readonly string[]) => Promise<Result<string, string>>;
  /** Whether the issuer serves a head that the feed key of this folder signed. */
  readonly headFault: () => Promise<string | undefined>;
  readonly versions: VersionStore;
  /** Lets the feed name the keys of the deployment. */
  readonly publish: () => Promise<PublishedKeys>;
  readonly doctor: () => Promise<Result<string, string>>;
}

/** How a step ended. */
export interface StepReport {
  readonly step: DeployStep;
  readonly outcome: 'done' | 'unchanged' | 'failed' | 'stopped';
  readonly detail: string;
}

interface Outcome extends Omit<StepReport, 'step'> {
  readonly state?: DeployedState;
}

const done = (detail: string, state?: DeployedState): Outcome => ({
  outcome: 'done',
  detail,
  ...(state && { state }),
});
const unchanged = (detail: string, state?: DeployedState): Outcome => ({
  ...done(detail, state),
  outcome: 'unchanged',
});
const failed = (detail: string): Outcome => ({ outcome: 'failed', detail });

type StepOf<Kind extends DeployStep['kind']> = Extract<DeployStep, { readonly kind: Kind }>;

interface Place {
  readonly deploying: Deploying;
  readonly tools: DeployTools;
}

const STEPS: {
  readonly [Kind in DeployStep['kind']]: (step: StepOf<Kind>, place: Place) => Promise<Outcome>;
} = {
  // They are generated before the bundles, which contain the public feed key.
  keys: async ({ changes, file }) =>
    changes ? done(`generated ${file}`) : unchanged(`${file} exists`),
  upload: uploadWorker,
  compare: compareIssuer,
  version: putVersion,
  publish: publishKeys,
  doctor: async (_step, { tools }) => {
    const healthy = await tools.doctor();
    return healthy.ok ? done(healthy.value) : failed(healthy.error);
  },
};

/**
 * Carries out the steps in order, reports each, and ends with the first that fails. What was put in
 * place is stored after each step, so that the next run continues where this one ended.
 */
export async function carryOut(
  steps: readonly DeployStep[],
  deploying: Deploying,
  tools: DeployTools,
  report: (report: StepReport) => void,
): Promise<readonly StepReport[]> {
  const reports: StepReport[] = [];
  let { state } = deploying;
  for (const step of steps) {
    const place = { deploying: { ...deploying, state }, tools };
    const { state: next, ...outcome } = await (
      STEPS[step.kind] as (step: DeployStep, place: Place) => Promise<Outcome>
    )(step, place);
    if (next) {
      state = next;
      await writeState(deploying.stateFile, state);
    }
    const ended = { step, ...outcome };
    reports.push(ended);
    report(ended);
    if (ended.outcome === 'failed' || ended.outcome === 'stopped') break;
  }
  return reports;
}

async function uploadWorker(step: UploadStep, { deploying, tools }: Place): Promise<Outcome> {
  const { worker, role, args, fingerprint } = step;
  if (!step.changes) return unchanged(`${worker} is deployed like this already`);
  const secrets = deploying.secrets.get(role) ?? {};
  const run = (more: readonly string[]) => tools.wrangler([...args, ...more]);
  const ran =
    step.secrets.length === 0
      ? await run([])
      : await withSecretsFile(deploying.stateFolder, secrets, (file) =>
          run(['--secrets-file', file]),
        );
  if (!ran.ok) {
    const why = withoutSecrets(ran.error, secrets);
    return failed(`wrangler did not deploy ${worker}:\n${why}`);
  }
  const { state } = deploying;
  const workers = {
    ...state.workers,
    [worker]: { fingerprint, at: tools.now().toISOString() },
  };
  return done(`deployed ${worker}`, { ...state, workers });
}

/** A new Worker and its certificate take a while to be reachable everywhere. */
const COMPARE_TIMES_MAX = 45; // A minute and a half.
const COMPARE_MILLISECONDS = 2_000;

async function compareIssuer(
  { url }: StepOf<'compare'>,
  { deploying, tools }: Place,
): Promise<Outcome> {
  for (let times = 1; ; times++) {
    const answering = await askIssuer(tools.fetch, url);
    const why = hasKeys(answering, deploying.keys)
      ? await tools.headFault()
      : describeAnswer(answering);
    if (why === undefined) return done(`${url} has the keys of this folder, and signs its feed`);
    if (times === COMPARE_TIMES_MAX) {
      return failed(`the issuer was deployed, but ${url} ${why}`);
    }
    await tools.sleep(COMPARE_MILLISECONDS);
  }
}

function describeAnswer(answering: Awaited<ReturnType<typeof askIssuer>>): string {
  switch (answering.kind) {
    case 'issuer':
      return 'has other keys than this folder: another deployment may have replaced them';
    case 'nothing':
      return 'does not exist. Check that its zone belongs to the account, or that the URL ends in the workers.dev subdomain of the account';
    case 'other':
      return `answers HTTP ${answering.status}, as no issuer does. /readyz may name the reason`;
    case 'unknown':
      return `does not answer (${answering.why})`;
  }
}

async function putVersion(
  { id }: StepOf<'version'>,
  { deploying, tools }: Place,
): Promise<Outcome> {
  const active = await tools.versions.active();
  if (!active.ok) return failed(active.error);
  const { version, state, replace } = deploying;
  const decision = decideVersion({
    wanted: id,
    active: active.value,
    deployed: state.version,
    replace,
  });
  const next = { ...state, version: id };
  switch (decision.kind) {
    case 'unchanged':
      return unchanged(`version ${short(id)} is active`, next);
    case 'activate': {
      const put = await tools.versions.put(version, { expects: decision.expects });
      return put.ok ? done(`activated version ${short(id)}`, next) : failed(put.error);
    }
    case 'stop':
      return stop(decision.active, version, tools.versions);
  }
}

/** A key without a place in the head stops nothing: its gateway serves, and signs no receipts. */
async function publishKeys(_step: StepOf<'publish'>, { tools }: Place): Promise<Outcome> {
  const { count, unpublished } = await tools.publish();
  const named = `the feed names ${count - unpublished.length} of ${count} keys for receipts and approvals`;
  return done([named, ...unpublished].join('\n'));
}

async function stop(
  { version: id, by, at, reason }: ActiveVersion,
  version: Version,
  versions: VersionStore,
): Promise<Outcome> {
  const active = await versions.show(id);
  const diff = active.ok ? renderDiff(diffVersions(active.value, version)) : active.error;
  const who = by === 'deploy' ? 'another deployment' : by;
  const lines = [
    `version ${short(id)} is active, and was not deployed from this folder: ${who} activated it at ${at} (${JSON.stringify(reason)}).`,
    'This folder would change it as follows:',
    diff,
    `Take the change over into the folder, or replace it: hewn deploy --replace-version ${short(id)}`,
  ];
  return { outcome: 'stopped', detail: lines.join('\n') };
}

const short = (id: string): string => id.slice(0, 12);

/** Returns ok if every step was carried out, and otherwise the step at which the run ended. */
export const deployed = (reports: readonly StepReport[]): Result<null, StepReport> => {
  const last = reports.at(-1);
  const isDone = last?.outcome === 'done' || last?.outcome === 'unchanged';
  return last === undefined || isDone ? ok(null) : refuse(last);
};
