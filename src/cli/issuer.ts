/** The issuer's admin API, as a command calls it. */
import { basename, dirname, resolve } from 'node:path';
import { logsBaseOf } from '../audit/index.ts';
import type { Environment } from '../deployment/index.ts';
import { runningIssuer } from '../dev/index.ts';
import {
  type AdminCaller,
  type AdminRoute,
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

/** Where hewn dev listens by default. */
const LOCAL_ISSUER = 'http://127.0.0.1:8788';

/** The values of `ISSUER_FLAGS`. */
export interface IssuerFlags {
  readonly issuer: string | undefined;
  readonly file: string | undefined;
}

/** Returns the URL of the issuer that a command calls. */
export const issuerOf = async (
  context: CommandContext,
  { issuer, file }: IssuerFlags,
): Promise<string> =>
  issuer ??
  context.variable('HEWN_ISSUER') ??
  (file === undefined
    ? undefined
    : (await environmentOfKeyFile(resolve(context.cwd, file)))?.issuer.url) ??
  runningIssuer(context.home) ??
  LOCAL_ISSUER;

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

/** Calls one route of the admin API. A text says why there is no answer. */
export async function callIssuer<Route extends AdminRoute>(
  context: CommandContext,
  flags: IssuerFlags,
  route: Route,
  call: RouteCall<Route>,
): Promise<Result<RouteAnswer<Route>, string>> {
  const caller = await callerOf(context, flags);
  if (!caller.ok) return caller;
  const answer = await caller.value(route, call);
  return answer.ok ? answer : refuse(await describeIssuerFault(context, flags, answer.error));
}

/** Returns a caller of the admin API, with the credential that the flags name. */
export async function callerOf(
  context: CommandContext,
  flags: IssuerFlags,
): Promise<Result<AdminCaller, string>> {
  const url = await issuerOf(context, flags);
  // Before the credential is read: an unsafe URL is the mistake to report.
  if (!isSafeUrl(url) || /[?#]/.test(url)) {
    return refuse(describeCallFault({ kind: 'url_unsafe' }, url));
  }
  const credential = await readCredential(context, flags.file);
  if (!credential.ok) return credential;
  return ok(createAdminCaller({ url, credential: credential.value, fetch: context.fetch }));
}

export const describeIssuerFault = async (
  context: CommandContext,
  flags: IssuerFlags,
  fault: CallFault,
): Promise<string> => describeCallFault(fault, await issuerOf(context, flags));

async function readCredential(
  context: CommandContext,
  file: string | undefined,
): Promise<Result<string, string>> {
  const given = file === undefined ? context.variable('HEWN_OPERATOR') : undefined;
  if (given) return ok(given);
  const path = keyFilePath(context, file);
  const keys = await readKeyFile(path);
  return keys.ok
    ? ok(keys.value.operator)
    : refuse(`cannot read the operator credential from ${path}: set HEWN_OPERATOR, or pass --file`);
}
