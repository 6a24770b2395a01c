import type { Grant } from '../../../src/capability/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { toHex } from '../../../src/encoding.ts';
import type { Policy } from '../../../src/policy/index.ts';
import { newPromptSalt, promptDigest } from '../../../src/provenance/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import type { DeployedPolicy, VersionInForce } from '../version/deployed-policy.ts';
import type { GrantsAbove, StatedPrompt, WorkflowView } from '../workflow/binding.ts';
import { newChildId } from '../workflow/id.ts';
import { drawWorkflowId, mayExist } from '../workflow/may-exist.ts';
import { openUnnarrowed } from './presented-capability.ts';
import type { Caller } from './prove.ts';
import type { TokenRequest } from './read.ts';
import type { DecisionRefusal, ParentRefusal } from './refusals/index.ts';

/** Everything that `decide` goes by. */
export interface MintInput extends Caller {
  /** The issuer's URL, as its tokens spell it. */
  readonly issuer: string;
  readonly policy: Policy;
  /** The version of policy and catalogue that decides. */
  readonly version: Pick<VersionInForce, 'id' | 'catalogueHash'>;
  readonly request: TokenRequest;
  /** The workflow's id: a fresh one, or that of the workflow that is continued. */
  readonly workflow: string;
  /** The workflow that the request continues, if it exists. */
  readonly current?: WorkflowView | undefined;
  /** What each workflow above the continued one was granted. */
  readonly grantsAbove: GrantsAbove;
  /** The workflow that a child begins below. */
  readonly parent?: Parent | undefined;
  /** The request of the user, with which the workflow began or begins. */
  readonly prompt?: StatedPrompt | undefined;
  /** Tools that an operator denies: they are left out, and the rest is decided. */
  readonly deniedTools: readonly string[];
  readonly now: UnixMilliseconds;
}

/** The workflow that a child begins below, as the holder of its capability asks. */
export interface Parent {
  readonly view: WorkflowView;
  /** What the presented capability grants: the most that the child may have. */
  readonly grants: readonly Grant[];
}

/** Reads everything that `decide` needs besides the request: policy, parent and workflow. */
export async function loadMintInput(
  request: TokenRequest,
  caller: Caller,
  deployed: DeployedPolicy,
  env: IssuerEnv,
): Promise<Result<MintInput, DecisionRefusal>> {
  const config = readConfig(env);
  const { issuer } = config;
  const version = await deployed.load(env);
  if (!version) return refuse({ code: 'policy_unavailable' });
  const parent =
    request.parent === undefined
      ? ok(undefined)
      : await openParent(env, request.parent, caller.holder);
  if (!parent.ok) return parent;
  const { workflow } = request;
  const continued =
    workflow !== undefined && (await mayExist(env, workflow, 'other'))
      ? await workflowOf(env, workflow).forMint(workflow)
      : undefined;
  const parentId = parent.value?.view.id;
  return ok({
    issuer,
    policy: version.policy,
    version,
    request,
    ...caller,
    parent: parent.value,
    workflow: workflow ?? (parentId === undefined ? drawWorkflowId(config) : newChildId(parentId)),
    grantsAbove: continued?.above ?? [],
    current: continued?.view,
    prompt: continued?.view.prompt ?? (await stated(request.prompt)),
    deniedTools: [],
    now: readClock(),
  });
}

/** Salts the request of the user. The text is known before the salt is drawn. */
async function stated(text: string | undefined): Promise<StatedPrompt | undefined> {
  if (text === undefined) return undefined;
  const prompt = { text, salt: newPromptSalt() };
  const digest = await promptDigest(prompt);
  return digest && { ...prompt, digest: toHex(digest) };
}

/**
 * Opens the parent's capability. Holding it is the authority to begin a child below its workflow.
 * If it is bound to a key, the request must prove that key: a copy of the token is not enough.
 */
async function openParent(
  env: IssuerEnv,
  text: string,
  holder: string | undefined,
): Promise<Result<Parent, ParentRefusal>> {
  const refused = (cause: Extract<ParentRefusal, { cause: unknown }>['cause']) =>
    refuse({ code: 'parent_refused', cause } as const);
  const opened = await openUnnarrowed(env, text);
  if (!opened.ok) {
    return refused(opened.error.code === 'capability_narrowed' ? 'narrowed' : 'token');
  }
  const { authority, revocationIds } = opened.value.token;
  if (authority.holder !== undefined && authority.holder !== holder) return refused('holder');
  const { workflow } = authority;
  const [block = ''] = revocationIds;
  const parent = await workflowOf(env, workflow).forMint(workflow, block);
  // Not the grants in the token: their constraints are checks there, which cannot be compared.
  const { view, granted: grants } = parent ?? {};
  return view?.state === 'active' && grants ? ok({ view, grants }) : refused('ended');
}
