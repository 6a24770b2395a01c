import { ok, type Result, refuse } from '../../../src/result.ts';
import { askPerson } from '../approval/ask.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { answerMint, answerRefusal } from './answer.ts';
import { type Decision, decide } from './decide.ts';
import { mayBeDenied, readDeniedTools } from './denials.ts';
import { loadMintInput, type MintInput } from './load.ts';
import { approvePlan } from './plan.ts';
import { proveCaller } from './prove.ts';
import { readRequest, type TokenRequest } from './read.ts';
import { issue, type RefusedRequest } from './record.ts';
import type { TokenRefusal } from './refusals/index.ts';
import type { Mint } from './sign.ts';

/**
 * `POST /token`: exchanges a user's and a workload's token for a capability (RFC 8693).
 *
 * The steps, a file each: read the request, prove the caller, load what the decision needs, decide,
 * ask a person if the policy says so, sign, record, answer.
 */
export async function tokenEndpoint(
  http: Request,
  deployed: DeployedPolicy,
  env: IssuerEnv,
  ctx: ExecutionContext,
): Promise<Response> {
  const read = await readRequest(http, env);
  if (!read.ok) return answerRefusal(read.error, undefined, env, ctx);
  const request = read.value;

  const proven = await proveCaller(http, request, env);
  if (!proven.ok) {
    const { refusal, agent, subject } = proven.error;
    const refused = agent === undefined ? undefined : refusedRequest(request, agent, subject);
    return answerRefusal(refusal, refused, env, ctx);
  }
  const { workload, user } = proven.value;
  const refused = refusedRequest(request, workload.qualified, user?.qualified);

  const input = await loadMintInput(request, proven.value, deployed, env);
  if (!input.ok) return answerRefusal(input.error, refused, env, ctx);
  const minted = await mint(input.value, env);
  return minted.ok ? answerMint(minted.value, env) : answerRefusal(minted.error, refused, env, ctx);
}

/** Returns what the record of a refusal says about the request. */
const refusedRequest = (
  { task, audience, grants }: TokenRequest,
  agent: string,
  subject: string | undefined,
): RefusedRequest => ({
  agent,
  ...(subject !== undefined && { subject }),
  task,
  audience,
  grants,
});

/** Decides, asks a person if necessary, and issues the capability. */
async function mint(loaded: MintInput, env: IssuerEnv): Promise<Result<Mint, TokenRefusal>> {
  const decided = await decideWithDenials(loaded, env);
  if (!decided.ok) return decided;
  const { input, decision } = decided.value;
  switch (decision.kind) {
    case 'refuse':
      return refuse(decision.refusal);
    case 'ask': {
      const approval = await askPerson(decision.question, input.request.approval, env);
      if (!approval.ok) return approval;
      const approved = approvePlan(decision.plan, decision.question, approval.value);
      // The person approved exactly this: without one of its tools it would be another question.
      return approved.ok ? issue(approved.value, undefined, env) : approved;
    }
    case 'mint':
      return issue(
        decision.plan,
        (tools) => decide({ ...input, deniedTools: [...input.deniedTools, ...tools] }),
        env,
      );
  }
}

/**
 * Decides, and decides again without the tools that an operator denies. The denials are read only
 * if something is denied at all, and before a person is asked: they must not be asked in vain.
 */
async function decideWithDenials(
  input: MintInput,
  env: IssuerEnv,
): Promise<Result<{ input: MintInput; decision: Decision }, TokenRefusal>> {
  const decision = decide(input);
  if (decision.kind === 'refuse') return refuse(decision.refusal);
  if (decision.kind === 'mint' && !mayBeDenied(env)) return ok({ input, decision });
  const denied = await readDeniedTools(env, decision.plan.start);
  if (!denied.ok) return denied;
  if (denied.value.length === 0) return ok({ input, decision });
  const without = { ...input, deniedTools: denied.value };
  return ok({ input: without, decision: decide(without) });
}
