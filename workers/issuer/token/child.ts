import { coversGrant, type Grant } from '../../../src/capability/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { type IssuerEnv, workflowOf } from '../platform/config.ts';
import type { GrantsAbove, WorkflowView } from '../workflow/binding.ts';
import { rootOf } from '../workflow/id.ts';
import { openWhole } from './held-capability.ts';
import type { ParentRefusal } from './refusal.ts';

/** The workflow that a child is asked for below, by whoever holds its capability. */
export interface Parent {
  readonly view: WorkflowView;
  /** What the presented capability has: the most that a child may have. */
  readonly grants: readonly Grant[];
}

/**
 * Opens the parent's capability. Holding it is the authority to work below its workflow; where it
 * is bound to a key, the request has to prove that key: a copy of the token is not enough.
 */
export async function openParent(
  env: IssuerEnv,
  text: string,
  holder: string | undefined,
): Promise<Result<Parent, ParentRefusal>> {
  const because = (cause: Extract<ParentRefusal, { cause: unknown }>['cause']) =>
    refuse({ code: 'parent_refused', cause } as const);
  const opened = await openWhole(env, text);
  if (!opened.ok) {
    return because(opened.error.code === 'capability_narrowed' ? 'narrowed' : 'token');
  }
  const { authority } = opened.value.token;
  if (authority.holder !== undefined && authority.holder !== holder) return because('holder');
  const { workflow } = authority;
  const object = workflowOf(env, workflow);
  const [block = ''] = opened.value.token.revocationIds;
  // Not the token's own grants: their constraints stand in it as checks, where nobody compares.
  const [view, grants] = await Promise.all([object.view(workflow), object.granted(block)]);
  return view?.state === 'active' && grants ? ok({ view, grants }) : because('ended');
}

/** Whether a child may be asked for: on the same behalf, at the same server, with no more. */
export function checkChild(
  { view, grants }: Parent,
  asked: {
    readonly subject: string;
    readonly audience: string;
    readonly grants: readonly Grant[];
  },
): Result<null, ParentRefusal> {
  if (view.subject !== asked.subject) return refuse({ code: 'parent_refused', cause: 'subject' });
  if (view.audience !== asked.audience) {
    return refuse({ code: 'parent_refused', cause: 'audience' });
  }
  const isWithin = asked.grants.every((grant) => coversGrant(grants, grant));
  return isWithin ? ok(null) : refuse({ code: 'parent_exceeded' });
}

/** What each workflow above the one that is continued was granted; a root has none above it. */
export const grantsAboveOf = async (
  env: IssuerEnv,
  workflow: string | undefined,
): Promise<GrantsAbove> =>
  workflow === undefined || rootOf(workflow) === workflow
    ? []
    : workflowOf(env, workflow).grantsAbove(workflow);
