import type { RefusalRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import { appendBegin, appendRecord } from '../audit/append.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import type { Decision } from './decide.ts';
import { admitMint } from './denials.ts';
import type { MintPlan } from './plan.ts';
import type { TokenRefusal } from './refusals/index.ts';
import { type Mint, sign } from './sign.ts';

/** Decides again without the given tools; absent if a person approved exactly this plan. */
export type Redecide = (deniedTools: readonly string[]) => Decision;

/**
 * Signs a planned capability, records it, and begins or continues its workflow. A token is returned
 * only after its record is in the audit log (invariant 7) and its workflow knows it.
 */
export async function issue(
  plan: MintPlan,
  redecide: Redecide | undefined,
  env: IssuerEnv,
): Promise<Result<Mint, TokenRefusal>> {
  const signed = await sign(plan, readConfig(env));
  const renewed = plan.isRenewal ? await renew(signed, env) : undefined;
  if (renewed) return renewed;
  const { id, parent } = signed.start;
  // A child's share may be refused. Asked before the record, so that refusals cannot fill the log.
  const share = parent === undefined ? ok(null) : await workflowOf(env, id).mayBegin(signed.start);
  if (!share.ok) return share;
  const admitted = await recordAndAdmit(signed, redecide, env);
  if (!admitted.ok) {
    if (beginsRoot(signed)) await endUnused(signed, admitted.error, env);
    return admitted;
  }
  // Last: the workflow may have been revoked since its record was written.
  const begun = await beginOrContinue(admitted.value, env);
  return begun.ok ? admitted : begun;
}

/**
 * Asks the workflow and the feed's log whether a renewal may be handed out. The workflow counts it,
 * and there is no record. Undefined if it must be recorded after all: the workflow has got another
 * capability meanwhile, or a tool was denied.
 */
async function renew(mint: Mint, env: IssuerEnv): Promise<Result<Mint, TokenRefusal> | undefined> {
  const { start } = mint;
  const [denied, renewed] = await Promise.all([
    admitMint(env, start),
    workflowOf(env, start.id).continue({ ...start, isRenewal: true }),
  ]);
  if (!denied.ok) return denied;
  if (!renewed.ok) {
    const { error } = renewed;
    return error.code === 'not_renewed' ? undefined : refuse(error);
  }
  return denied.value.length === 0 ? ok(mint) : undefined;
}

/** How often a mint is decided again because another of its tools was denied meanwhile. */
const ADMISSION_ATTEMPTS_MAX = 3;

/**
 * Records a signed capability, and asks the feed's log whether it may be handed out. Neither waits
 * for the other, because the token waits for both. If a tool was denied meanwhile, the rest is
 * decided, signed and recorded again.
 */
async function recordAndAdmit(
  signed: Mint,
  redecide: Redecide | undefined,
  env: IssuerEnv,
): Promise<Result<Mint, TokenRefusal>> {
  const deniedTools: string[] = [];
  let mint = signed;
  for (let attempt = 0; attempt < ADMISSION_ATTEMPTS_MAX; attempt++) {
    const [isRecorded, denied] = await Promise.all([
      recordMint(mint, env),
      admitMint(env, mint.start),
    ]);
    if (!isRecorded) return refuse({ code: 'log_unavailable' });
    if (!denied.ok) return denied;
    if (denied.value.length === 0) return ok(mint);
    deniedTools.push(...denied.value);
    const decision = redecide?.(deniedTools);
    if (decision?.kind !== 'mint') break;
    mint = await sign(decision.plan, readConfig(env));
  }
  return refuse({ code: 'denied_by_operator', cause: 'tool' });
}

/** Whether a mint begins a root. Its object is made when something concerns the workflow. */
const beginsRoot = ({ plan, start }: Mint): boolean =>
  !plan.continues && start.parent === undefined;

/** Records a mint. A root begins with it: from then on it can be revoked. */
async function recordMint(mint: Mint, env: IssuerEnv): Promise<boolean> {
  const { record, start } = mint;
  if (!beginsRoot(mint)) return appendRecord(env, record);
  const issuerKey = await publicHex(readConfig(env).mintKey);
  return appendBegin(env, record, { start, issuerKey });
}

/**
 * Ends a root whose first capability was refused after its record was written. Nothing waits for
 * it: without this record, the workflow expires like any other that no one uses.
 */
async function endUnused({ start }: Mint, { code }: TokenRefusal, env: IssuerEnv): Promise<void> {
  if (code === 'log_unavailable') return;
  const { id: workflow, agent, subject, owner, task, gen } = start;
  await appendRecord(env, {
    event: 'transition',
    id: `transition.${workflow}.${gen}.failed`,
    at: readClock(),
    workflow,
    agent,
    subject,
    owner,
    task,
    gen,
    move: 'fail',
    from: 'active',
    to: 'failed',
    actor: 'issuer',
    reason: `its first capability was refused after its record was written: ${code}`,
  });
}

async function beginOrContinue(mint: Mint, env: IssuerEnv): Promise<Result<null, TokenRefusal>> {
  const { plan, start } = mint;
  if (beginsRoot(mint)) return ok(null);
  const workflow = workflowOf(env, start.id);
  if (plan.continues) {
    const continued = await workflow.continue({ ...start, stepUp: plan.stepUp });
    if (continued.ok) return continued;
    const { error } = continued;
    if (error.code === 'not_renewed') throw new Error('a recorded mint is no renewal');
    return refuse(error);
  }
  const begun = await workflow.begin(start);
  if (begun.ok) return begun;
  const { error } = begun;
  if (error.code === 'workflow_exists') throw new Error('a fresh workflow id is already in use');
  return refuse(error);
}

/** The request in the record of a refusal, once its agent is proven. */
export interface RefusedRequest {
  readonly agent: string;
  readonly subject?: string;
  readonly task: string;
  readonly audience: string;
  readonly grants: readonly Grant[];
}

/**
 * Returns the record of a refusal. It describes the request only if the agent is proven, so nothing
 * that a stranger wrote is logged or recorded.
 */
export function refusalRecord(
  refusal: TokenRefusal,
  error: string,
  stamp: { readonly id: string; readonly at: UnixMilliseconds },
  request: RefusedRequest | undefined,
): RefusalRecord {
  const code = 'cause' in refusal ? `${refusal.code}:${refusal.cause}` : refusal.code;
  return { event: 'refusal', ...stamp, ...request, error, code };
}
