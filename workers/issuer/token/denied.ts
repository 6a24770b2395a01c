import type { Grant } from '../../../src/capability/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { AdmissionRequest, Denied, DeniedRefusal } from '../feed/denial.ts';
import {
  type IssuerConfig,
  type IssuerEnv,
  readConfig,
  revocationLog,
} from '../platform/config.ts';
import { publicHex } from '../platform/keys.ts';
import type { Mint } from './mint.ts';
import { isWritten } from './written.ts';

/** Whom and what a token would be for. */
export interface Asker {
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly grants: readonly Pick<Grant, 'tool'>[];
}

/** Of which issuers the log said last that something is denied: a hint of when to ask first. */
const denying = new WeakSet<IssuerConfig>();

/**
 * Whether to ask before a token is signed as well: as long as anything is denied, so that no record
 * is written of a token that will not go out. Where it is wrong, the log still has the last word.
 */
export const mayBeDenied = (env: IssuerEnv): boolean => denying.has(readConfig(env));

/** The denied tools of a request; refused where a party of it is denied. */
export async function readDenied(
  env: IssuerEnv,
  { agent, subject, owner, grants }: Asker,
): Promise<Result<readonly string[], DeniedRefusal>> {
  const asker = { agent, subject, owner, tools: grants.map(({ tool }) => tool) };
  try {
    return toolsOf(await revocationLog(env).deniedOf(asker));
  } catch (error) {
    return unavailable(error);
  }
}

/**
 * Records a signed capability, and then asks the log whether it may go out. A tool that was denied
 * meanwhile is left out and the rest signed anew. Recorded first (invariant 7); asked last, so that
 * a denial is either before the question, which refuses, or after it, and stops the token.
 */
export async function recordAndAdmit(
  env: IssuerEnv,
  signed: Mint,
  without: (tools: readonly string[]) => Result<Mint, DeniedRefusal>,
): Promise<Result<Mint, DeniedRefusal | { readonly code: 'log_unavailable' }>> {
  const denied: string[] = [];
  let mint = signed;
  // Each turn leaves out a tool more; a list that changes faster than this is not waited for.
  for (let turn = 0; turn < 3; turn++) {
    if (!(await isWritten(env, mint.record))) return refuse({ code: 'log_unavailable' });
    const tools = await admit(env, mint);
    if (!tools.ok) return tools;
    if (tools.value.length === 0) return ok(mint);
    denied.push(...tools.value);
    const again = without(denied);
    if (!again.ok) return again;
    mint = again.value;
  }
  return refuse({ code: 'denied_by_operator', cause: 'tool' });
}

async function admit(
  env: IssuerEnv,
  { start }: Mint,
): Promise<Result<readonly string[], DeniedRefusal>> {
  const config = readConfig(env);
  const { agent, subject, owner, audience, startedAt: issuedAt, expires } = start;
  const question: AdmissionRequest = {
    agent,
    subject,
    owner,
    audience,
    issuerKey: await publicHex(config.mintKey),
    tools: [...new Set(start.grants.map(({ tool }) => tool))],
    issuedAt,
    expires,
  };
  try {
    const admitted = await revocationLog(env).admit(question);
    if (!admitted.ok) return unavailable(admitted.error.code);
    const { denied, isDenying } = admitted.value;
    if (isDenying) denying.add(config);
    else denying.delete(config);
    return toolsOf(denied);
  } catch (error) {
    return unavailable(error);
  }
}

function toolsOf(denied: readonly Denied[]): Result<readonly string[], DeniedRefusal> {
  const party = denied.find(({ scope }) => scope !== 'tool');
  return party
    ? refuse({ code: 'denied_by_operator', cause: party.scope })
    : ok(denied.map(({ value }) => value));
}

function unavailable(error: unknown): Result<never, DeniedRefusal> {
  const why = error instanceof Error ? error.message : String(error);
  report('denials.unavailable', { why });
  return refuse({ code: 'denials_unavailable' });
}
