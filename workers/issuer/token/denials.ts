import type { Grant } from '../../../src/capability/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import type { AdmissionRequest, Denied, DeniedRefusal } from '../feed/denial.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import type { WorkflowStart } from '../workflow/binding.ts';

/** The parties and tools of a token, as an operator can deny them. */
export interface DeniableParties {
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly grants: readonly Pick<Grant, 'tool'>[];
}

/** The issuers for which the log last reported that something is denied. */
const denyingIssuers = new WeakSet<IssuerConfig>();

/**
 * Returns whether to read the denials before the mint, because something is denied: a denied tool
 * is then left out before a record of it is written. Only a hint: `admitMint` has the last word.
 */
export const mayBeDenied = (env: IssuerEnv): boolean => denyingIssuers.has(readConfig(env));

/** Returns the denied tools of a request; refuses if one of its parties is denied. */
export async function readDeniedTools(
  env: IssuerEnv,
  { agent, subject, owner, grants }: DeniableParties,
): Promise<Result<readonly string[], DeniedRefusal>> {
  const tools = grants.map(({ tool }) => tool);
  try {
    return deniedTools(await revocationLog(env).deniedOf({ agent, subject, owner, tools }));
  } catch (error) {
    return unavailable(error);
  }
}

/**
 * Asks the revocation log whether a recorded capability may be handed out, and returns its denied
 * tools. The question comes last, so every denial either precedes it and refuses the token, or
 * follows it and stops the token.
 */
export async function admitMint(
  env: IssuerEnv,
  { agent, subject, owner, audience, grants, startedAt, expires }: WorkflowStart,
): Promise<Result<readonly string[], DeniedRefusal>> {
  const config = readConfig(env);
  const question: AdmissionRequest = {
    agent,
    subject,
    owner,
    audience,
    issuerKey: await publicHex(config.mintKey),
    tools: [...new Set(grants.map(({ tool }) => tool))],
    issuedAt: startedAt,
    expires,
  };
  try {
    const admitted = await revocationLog(env).admit(question);
    if (!admitted.ok) return unavailable(admitted.error.code);
    const { denied, isDenying } = admitted.value;
    if (isDenying) denyingIssuers.add(config);
    else denyingIssuers.delete(config);
    return deniedTools(denied);
  } catch (error) {
    return unavailable(error);
  }
}

function deniedTools(denied: readonly Denied[]): Result<readonly string[], DeniedRefusal> {
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
