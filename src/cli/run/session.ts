import { join, resolve } from 'node:path';
import {
  type Approval,
  ConnectFailed,
  type Connection,
  connect,
  type IdentitySource,
} from '../../agent/index.ts';
import { IDENTITY_FORMS, identitySourceOf } from '../../agent-node/index.ts';
import type { Grant } from '../../capability/index.ts';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  nearest,
  type Profile,
  STEP_UP_MODES,
  type StepUpMode,
} from '../../deployment/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext, FlagValues } from '../command.ts';
import type { SESSION_FLAGS } from './flags.ts';
import { readGrants, serversOf } from './grants.ts';
import { findPlace, type Place, readFolder } from './place.ts';

type SessionFlags = FlagValues<typeof SESSION_FLAGS>;

/** How long a capability of a run is valid, and how long its workflow lives without a renewal. */
const LIFETIME_SECONDS = 60;
const RENEW_WITHIN_SECONDS = 110;
/** How long a call waits for a person who approves elsewhere. */
const APPROVAL_MILLISECONDS_MAX = 5 * 60_000;

/** A session at the issuer, as flags and a profile describe it. */
export interface OpenSession {
  readonly connection: Connection;
  readonly issuer: string;
  readonly servers: readonly string[];
  readonly stepUp: StepUpMode;
  /** Variables that the identity sources read. */
  readonly sourceVariables: readonly string[];
}

/** What a session needs, before anything is requested. */
export interface SessionPlan {
  readonly profile: Profile;
  readonly stepUp: StepUpMode;
  readonly servers: readonly string[];
  readonly place: Place;
  readonly sources: Sources;
}

/** Reads what the flags of a command describe. A text says what is missing. */
export async function planSession(
  context: CommandContext,
  flags: SessionFlags,
  only?: string,
): Promise<Result<SessionPlan, string>> {
  const folder = flags.folder ?? '.';
  const read = await readFolder(context, folder);
  if (!read.ok) return read;
  const deployment = read.value;
  const plan = await planOf(context, flags, { folder, deployment });
  if (!plan.ok) return plan;
  const { profile } = plan.value;
  const named = only === undefined ? profile.servers : [only];
  const servers = named ?? serversOf(profile.grants);
  if (servers.length === 0) return refuse('the grants name no tool of an MCP server');
  const place = await findPlace(
    context,
    { folder, deployment },
    { issuer: flags.issuer, audience: flags.audience, env: flags.env },
    servers,
  );
  if (!place.ok) return place;
  const sources = sourcesOf(context, profile, { place: place.value, folder });
  if (!sources.ok) return sources;
  return ok({ ...plan.value, servers, place: place.value, sources: sources.value });
}

/** Opens the session that the flags of a command describe. A text says why there is none. */
export async function openSession(
  context: CommandContext,
  flags: SessionFlags,
  only?: string,
): Promise<Result<OpenSession, string>> {
  const planned = await planSession(context, flags, only);
  if (!planned.ok) return planned;
  const { profile, stepUp, servers, place, sources } = planned.value;
  const { identities, sourceVariables } = sources;
  if (context.hideCredentials?.(sourceVariables) === false) {
    context.err(
      'hewn: warning: the environment of this process has credentials, which any program of this user can read. Node 22.15 or newer on Linux hides them',
    );
  }
  const { issuer, audience } = place;
  const approval: Approval = {
    waitMilliseconds: APPROVAL_MILLISECONDS_MAX,
    onPending: ({ id }) =>
      context.err(`hewn: a person must approve this: npx hewn approvals show ${id}`),
  };
  try {
    const connection = await connect({
      issuer,
      audience,
      task: profile.task,
      grants: profile.grants,
      lifetimeSeconds: LIFETIME_SECONDS,
      renewWithinSeconds: RENEW_WITHIN_SECONDS,
      stepUp: 'never',
      ...(flags.prompt !== undefined && { prompt: flags.prompt }),
      approveCalls: stepUp !== 'never',
      approval,
      fetch: context.fetch,
      ...identities,
    });
    return ok({ connection, issuer, servers, stepUp, sourceVariables });
  } catch (error) {
    if (error instanceof ConnectFailed) return refuse(error.message);
    throw error;
  }
}

interface Plan {
  readonly profile: Profile;
  readonly stepUp: StepUpMode;
}

/** Joins the profile with what the flags state. */
async function planOf(
  context: CommandContext,
  flags: SessionFlags,
  { folder, deployment }: { readonly folder: string; readonly deployment: Deployment | undefined },
): Promise<Result<Plan, string>> {
  const { task, grants: file, identity, user } = flags;
  const chosen = chooseProfile(deployment?.profiles ?? {}, flags.profile);
  if (!chosen.ok) return chosen;
  let requested: readonly Grant[] | undefined = chosen.value?.grants;
  if (file !== undefined) {
    const grants = await readGrants(context.cwd, file);
    if (!grants.ok) return grants;
    requested = grants.value;
  }
  if (requested === undefined) {
    return refuse(
      `there is no profile in ${join(folder, DEPLOYMENT_FILE)}: write a table [profiles.NAME], or pass --grants FILE and --task TEXT`,
    );
  }
  const named = task ?? chosen.value?.task;
  if (named === undefined) return refuse('--task is required without a profile');
  const mode = flags['step-up'] ?? chosen.value?.stepUp ?? 'ask';
  const stepUp = STEP_UP_MODES.find((each) => each === mode);
  if (stepUp === undefined) return refuse(`--step-up must be ${STEP_UP_MODES.join(', ')}`);
  const profile: Profile = {
    ...chosen.value,
    task: named,
    grants: requested,
    ...(identity !== undefined && { identity }),
    ...(user !== undefined && { user }),
  };
  return ok({ profile, stepUp });
}

function chooseProfile(
  profiles: Readonly<Record<string, Profile>>,
  name: string | undefined,
): Result<Profile | undefined, string> {
  const names = Object.keys(profiles);
  if (name !== undefined) {
    if (Object.hasOwn(profiles, name)) return ok(profiles[name]);
    const close = nearest(name, names);
    const hint = close === undefined ? '' : ` Did you mean ${JSON.stringify(close)}?`;
    return refuse(
      `there is no profile ${JSON.stringify(name)}. There is: ${names.join(', ') || 'none'}.${hint}`,
    );
  }
  if (names.length <= 1) return ok(profiles[names[0] ?? '']);
  return Object.hasOwn(profiles, 'default')
    ? ok(profiles.default)
    : refuse(`choose a profile with --profile: ${names.join(', ')}`);
}

interface Sources {
  readonly identities: { readonly identity: IdentitySource; readonly user?: IdentitySource };
  readonly sourceVariables: readonly string[];
}

/** Reads the sources of a profile. Beside `hewn dev`, it is the source of both. */
function sourcesOf(
  context: CommandContext,
  { identity, user }: Profile,
  { place, folder }: { readonly place: Place; readonly folder: string },
): Result<Sources, string> {
  const { dev } = place;
  const stated = {
    identity: identity ?? (dev && 'dev'),
    user: user ?? (dev?.hasUsers ? 'dev' : undefined),
  };
  if (stated.identity === undefined) {
    return refuse(
      `say where the token of the agent comes from: --identity SOURCE, or a key "identity" of the profile. SOURCE is one of ${IDENTITY_FORMS.join(', ')}`,
    );
  }
  const home = context.variable('HEWN_HOME') ?? resolve(context.cwd, folder);
  const [, agent] = /^dev:(.+)$/s.exec(stated.identity) ?? [];
  const found = { folder: home, ...(agent !== undefined && { agent }) };
  const own = identitySourceOf(stated.identity, { ...found, of: 'agent' });
  if (!own.ok) return refuse(`--identity: ${own.error}`);
  const theirs =
    stated.user === undefined ? undefined : identitySourceOf(stated.user, { ...found, of: 'user' });
  if (theirs?.ok === false) return refuse(`--user: ${theirs.error}`);
  return ok({
    identities: { identity: own.value, ...(theirs && { user: theirs.value }) },
    sourceVariables: [stated.identity, stated.user].flatMap(
      (each) => /^(?:env|gitlab):(.+)$/s.exec(each ?? '')?.[1] ?? [],
    ),
  });
}
