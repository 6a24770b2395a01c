/** The issuer's admin API, as a command calls it. */
import { readBounded } from '../body.ts';
import {
  type AdminRoute,
  type AnswerFault,
  PROBLEMS,
  type ProblemCode,
  type RouteAnswer,
  type RouteCall,
  readAnswer,
  requestOf,
} from '../issuer-api/index.ts';
import { readKeyFile } from '../key-file/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { CommandContext } from './command.ts';
import { keyFilePath } from './keys/target.ts';

const ADMIN_MILLISECONDS_MAX = 20_000; // One request: half of it may be a wait for verifiers.
const ADMIN_ANSWER_BYTES_MAX = 8 * 1024 * 1024; // A page of 50 questions, each of them twice.

const LOCAL_ISSUER = 'http://127.0.0.1:8788';

/** The values of `ISSUER_FLAGS`. */
export interface IssuerFlags {
  readonly issuer: string | undefined;
  readonly file: string | undefined;
}

export const issuerOf = (context: CommandContext, issuer: string | undefined): string =>
  issuer ?? context.variable('HEWN_ISSUER') ?? LOCAL_ISSUER;

/** Calls one route of the admin API. A text says why there is no answer. */
export async function callIssuer<Route extends AdminRoute>(
  context: CommandContext,
  flags: IssuerFlags,
  route: Route,
  call: RouteCall<Route>,
): Promise<Result<RouteAnswer<Route>, string>> {
  const issuer = issuerOf(context, flags.issuer);
  if (!isSafeUrl(issuer) || /[?#]/.test(issuer)) {
    return refuse(`refusing to send the operator credential to a non-HTTPS URL: ${issuer}`);
  }
  const credential = await readCredential(context, flags.file);
  if (!credential.ok) return credential;
  const { method, path, body } = requestOf(route, call);
  try {
    const response = await context.fetch(`${issuer}${path}`, {
      method,
      headers: { authorization: `Bearer ${credential.value}` },
      // A redirect leads to another host, which must not get the credential.
      redirect: 'manual',
      signal: AbortSignal.timeout(ADMIN_MILLISECONDS_MAX),
      ...(body !== undefined && { body }),
    });
    const text = await readBounded(response, ADMIN_ANSWER_BYTES_MAX);
    const answer = readAnswer(route, response.status, text.ok ? text.value : '');
    return answer.ok ? answer : refuse(describeFault(answer.error));
  } catch (error) {
    return refuse(`cannot reach ${issuer}: ${(error as Error).message}`);
  }
}

function describeFault(fault: AnswerFault): string {
  if (fault.kind === 'unreadable') {
    const { status } = fault;
    return status < 300
      ? `the issuer accepted the request (HTTP ${status}), but this version does not understand its answer`
      : `the issuer returned HTTP ${status} without a reason. See its log`;
  }
  const { code, message } = fault;
  const advice = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode].advice : undefined;
  return advice === undefined ? message : `${message} ${advice}`;
}

/** Whether a request to this URL is encrypted, or stays on this machine. */
export function isSafeUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username } = new URL(url);
  const isLocal = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && isLocal));
}

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
