/** The issuer's admin API, as a command calls it. */
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
import { readKeyFile } from '../key-file/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { CommandContext } from './command.ts';
import { keyFilePath } from './keys/target.ts';

/** Where hewn dev listens by default. */
const LOCAL_ISSUER = 'http://127.0.0.1:8788';

/** The values of `ISSUER_FLAGS`. */
export interface IssuerFlags {
  readonly issuer: string | undefined;
  readonly file: string | undefined;
}

export const issuerOf = (context: CommandContext, issuer: string | undefined): string =>
  issuer ?? context.variable('HEWN_ISSUER') ?? runningIssuer(context.home) ?? LOCAL_ISSUER;

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
  return answer.ok ? answer : refuse(describeIssuerFault(context, flags, answer.error));
}

/** Returns a caller of the admin API, with the credential that the flags name. */
export async function callerOf(
  context: CommandContext,
  { issuer, file }: IssuerFlags,
): Promise<Result<AdminCaller, string>> {
  const url = issuerOf(context, issuer);
  // Before the credential is read: an unsafe URL is the mistake to report.
  if (!isSafeUrl(url) || /[?#]/.test(url)) {
    return refuse(describeCallFault({ kind: 'url_unsafe' }, url));
  }
  const credential = await readCredential(context, file);
  if (!credential.ok) return credential;
  return ok(createAdminCaller({ url, credential: credential.value, fetch: context.fetch }));
}

export const describeIssuerFault = (
  context: CommandContext,
  { issuer }: IssuerFlags,
  fault: CallFault,
): string => describeCallFault(fault, issuerOf(context, issuer));

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
