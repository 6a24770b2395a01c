/** The issuer's admin API, as a command calls it. */
import { basename, dirname, resolve } from 'node:path';
import { logsBaseOf } from '../audit/index.ts';
import { toMilliseconds } from '../clock.ts';
import type { Environment } from '../deployment/index.ts';
import { runningIssuer } from '../dev/index.ts';
import { signProof } from '../dpop/index.ts';
import {
  type AdminCaller,
  type AdminRoute,
  type BoundToken,
  type CallFault,
  createAdminCaller,
  describeCallFault,
  isSafeUrl,
  type RouteAnswer,
  type RouteCall,
} from '../issuer-api/index.ts';
import { deploymentKeyFile, readKeyFile } from '../key-file/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { CommandContext } from './command.ts';
import { oneEnvironment, openDeploymentFolder } from './deployment-folder.ts';
import { keyFilePath } from './keys/target.ts';
import { readCapabilityFile, readOwnCapability } from './operators/capability-file.ts';
import { readSession } from './sign-in/session-file.ts';
import { showSeconds } from './terminal/index.ts';

/** Where hewn dev listens by default. */
const LOCAL_ISSUER = 'http://127.0.0.1:8788';

/** The values of `ISSUER_FLAGS`. */
export interface IssuerFlags {
  readonly issuer: string | undefined;
  readonly file: string | undefined;
  /** A file of `hewn operators grant`. A command without the flag takes none. */
  readonly capability?: string | undefined;
}

/** Returns the URL of the issuer that a command calls. */
export const issuerOf = async (context: CommandContext, flags: IssuerFlags): Promise<string> =>
  flags.issuer ??
  (await issuerOfCapability(context, capabilityFileOf(context, flags))) ??
  context.variable('HEWN_ISSUER') ??
  (flags.file === undefined
    ? undefined
    : (await environmentOfKeyFile(resolve(context.cwd, flags.file)))?.issuer.url) ??
  runningIssuer(context.home) ??
  LOCAL_ISSUER;

/** The file of an operator capability, which `--file` replaces if only a variable names it. */
const capabilityFileOf = (
  { variable }: CommandContext,
  { capability, file }: IssuerFlags,
): string | undefined =>
  capability ?? (file === undefined ? variable('HEWN_CAPABILITY') || undefined : undefined);

async function issuerOfCapability(
  context: CommandContext,
  file: string | undefined,
): Promise<string | undefined> {
  const read = file === undefined ? undefined : await readCapabilityFile(context, file);
  return read?.ok ? read.value.issuer : undefined;
}

/**
 * Returns the URL of the issuer that has the keys of a file, if this machine knows it, and behind
 * it the generation that its logs have in their origins.
 */
export async function logsBaseOfKeys(
  context: CommandContext,
  { issuer, file }: IssuerFlags,
): Promise<string | undefined> {
  if (issuer !== undefined) return issuer;
  const own =
    file === undefined ? undefined : await environmentOfKeyFile(resolve(context.cwd, file));
  if (own) return logsBaseOf(own.issuer.url, own.audit.generation);
  return (
    context.variable('HEWN_ISSUER') ??
    (file === undefined ? runningIssuer(context.home) : undefined)
  );
}

/**
 * Returns the environment that a key file belongs to: that of `hewn.toml`, if the file is
 * `.hewn/NAME/keys.json` next to it. Its credential is of no use to another issuer.
 */
async function environmentOfKeyFile(file: string): Promise<Environment | undefined> {
  const name = basename(dirname(file));
  const folder = resolve(dirname(file), '../..');
  if (file !== deploymentKeyFile(folder, name)) return undefined;
  const opened = await openDeploymentFolder({ cwd: folder }, []);
  if (!opened.ok || !opened.value.deployment.ok) return undefined;
  const environment = oneEnvironment(opened.value.deployment.value, name);
  return environment.ok ? environment.value : undefined;
}

/**
 * Calls one route of the admin API. A text says why there is no answer: that of `describe`, for a
 * fault that a feature knows more about.
 */
export async function callIssuer<Route extends AdminRoute>(
  context: CommandContext,
  flags: IssuerFlags,
  route: Route,
  call: RouteCall<Route>,
  describe: (fault: CallFault) => string | undefined = () => undefined,
): Promise<Result<RouteAnswer<Route>, string>> {
  const caller = await callerOf(context, flags);
  if (!caller.ok) return caller;
  const answer = await caller.value(route, call);
  if (answer.ok) return answer;
  const { error } = answer;
  return refuse(describe(error) ?? (await describeIssuerFault(context, flags, error)));
}

/** Calls one route with the token of a session. */
export async function callAs<Route extends AdminRoute>(
  context: CommandContext,
  url: string,
  credential: string,
  route: Route,
  call: RouteCall<Route>,
): Promise<Result<RouteAnswer<Route>, string>> {
  const answer = await createAdminCaller({ url, credential, fetch: context.fetch })(route, call);
  return answer.ok ? answer : refuse(describeCallFault(answer.error, url));
}

/** Returns a caller of the admin API, with the session or the credential that the flags name. */
export async function callerOf(
  context: CommandContext,
  flags: IssuerFlags,
): Promise<Result<AdminCaller, string>> {
  const url = await issuerOf(context, flags);
  // Before the credential is read: an unsafe URL is the mistake to report.
  if (!isSafeUrl(url) || /[?#]/.test(url)) {
    return refuse(describeCallFault({ kind: 'url_unsafe' }, url));
  }
  const credential = await readCredential(context, flags, url);
  if (!credential.ok) return credential;
  return ok(createAdminCaller({ url, credential: credential.value.sent, fetch: context.fetch }));
}

/** Returns why a call has no answer. It names a session that the issuer ended. */
export async function describeIssuerFault(
  context: CommandContext,
  flags: IssuerFlags,
  fault: CallFault,
): Promise<string> {
  const url = await issuerOf(context, flags);
  if (fault.kind === 'problem' && fault.code === 'unauthorized') {
    const credential = await readCredential(context, flags, url);
    const kind = credential.ok ? credential.value.kind : 'credential';
    if (kind === 'session') {
      return `the issuer no longer knows your session at ${url}. Run hewn login`;
    }
    if (kind === 'capability') {
      return `${url} does not accept this operator capability: it has ended or was stopped, its maker may no longer do this, or the key in the file is not the one that it is bound to`;
    }
  }
  return describeCallFault(fault, url);
}

interface Credential {
  readonly kind: 'session' | 'credential' | 'capability';
  readonly sent: string | BoundToken;
}

/**
 * Returns as whom a command acts: by `--capability` or `--file`, by `HEWN_CAPABILITY` or
 * `HEWN_OPERATOR`, else by the session of
 * `hewn login` at this issuer, else by the key file of hewn dev. A session that has ended is not
 * replaced by a credential: a person would act without their name.
 */
async function readCredential(
  context: CommandContext,
  flags: IssuerFlags,
  url: string,
): Promise<Result<Credential, string>> {
  const { file } = flags;
  if (file !== undefined && flags.capability !== undefined) {
    return refuse('--file and --capability say two different things about who acts: name one');
  }
  const capability = capabilityFileOf(context, flags);
  if (capability !== undefined) return readCapability(context, capability, url);
  if (file === undefined) {
    const given = context.variable('HEWN_OPERATOR');
    if (given) return ok({ kind: 'credential', sent: given });
    const session = await readSession(context, url);
    if (!session.ok) return session;
    if (session.value !== undefined) {
      const { token, ends } = session.value;
      if (toMilliseconds(ends) > context.now().getTime())
        return ok({ kind: 'session', sent: token });
      const ended = showSeconds(context, ends);
      return refuse(`your session at ${url} ended at ${ended}. Run hewn login, or hewn logout`);
    }
  }
  const path = keyFilePath(context, file);
  const keys = await readKeyFile(path);
  return keys.ok
    ? ok({ kind: 'credential', sent: keys.value.operator })
    : refuse(
        `no session at ${url}, and cannot read the operator credential from ${path}: run hewn login, set HEWN_OPERATOR, or pass --file`,
      );
}

/** A capability is sent to the issuer that made it, and to no other. */
async function readCapability(
  context: CommandContext,
  file: string,
  url: string,
): Promise<Result<Credential, string>> {
  const own = await readOwnCapability(context, file);
  if (!own.ok) return own;
  const { issuer, token, key } = own.value;
  if (issuer !== url) return refuse(`the capability in ${file} is of ${issuer}, and not of ${url}`);
  const prove: BoundToken['prove'] = (request) =>
    signProof(key, { ...request, token, now: context.now().getTime() });
  return ok({ kind: 'capability', sent: { token, prove } });
}
