import type { AuthorityWriteError } from '../../../../src/capability/index.ts';
import type { RefusalReason } from '../../../../src/policy/index.ts';
import type { ContinuationRefusal } from '../../workflow/binding.ts';
import { WORKFLOW_MINTS_MAX } from '../../workflow/continuation.ts';
import type { RefusalTable } from './entry.ts';

/** Why a capability cannot be the parent of a new workflow. */
export type ParentRefusal =
  | {
      readonly code: 'parent_refused';
      /**
       * What is wrong: the token, its narrowing, the key it is bound to, its subject, its audience,
       * or that its workflow has ended.
       */
      readonly cause: 'token' | 'narrowed' | 'holder' | 'subject' | 'audience' | 'ended';
    }
  /** A grant that the parent's capability does not have. */
  | { readonly code: 'parent_exceeded' };

/** Why the policy grants nothing, or grants what no token can express. */
export type PolicyCause = RefusalReason['code'] | AuthorityWriteError['code'] | 'no_owner';

/** Why a proven request is not granted. */
export type DecisionRefusal =
  | { readonly code: 'policy_unavailable' }
  | {
      readonly code: 'policy_refused';
      readonly cause: PolicyCause;
      /** The refused grants and the rules that refused them, as `describeRefused` writes them. */
      readonly reasons?: string;
    }
  | { readonly code: 'holder_required' }
  | { readonly code: 'lifetime_exhausted' }
  | ParentRefusal
  | ContinuationRefusal;

/** The same text for each of these: an outsider must not learn whether a workflow exists. */
const NO_WORKFLOW = 'This workflow cannot be continued; begin a new one.';

/** `rate_limited` is in the table of identities, because it is first of all about the agent. */
export const DECISION_REFUSALS: Omit<RefusalTable<DecisionRefusal>, 'rate_limited'> = {
  policy_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'No policy is loaded, so nothing is minted.',
    advice:
      'No version is active, the store of versions does not answer, or the policy does not load. The log line `policy.unavailable` says which; `npx hewn check` finds faults of the files before a deployment.',
    audited: true,
    logged: true,
  },
  policy_refused: {
    status: 400,
    error: 'access_denied',
    message: ({ reasons }) =>
      reasons
        ? `The policy allows none of the grants: ${reasons}.`
        : 'The policy allows none of the grants.',
    advice:
      'Ask for grants that the policy allows. The cause applies to the first grant; see the table of policy causes.',
    audited: true,
    logged: true,
  },
  holder_required: {
    status: 400,
    error: 'invalid_request',
    message: 'The policy binds this capability to a key: send a DPoP proof.',
    advice: 'The policy derives `require_holder(true)`. Send a DPoP proof with the request.',
    audited: true,
    logged: true,
  },
  lifetime_exhausted: {
    status: 400,
    error: 'invalid_request',
    message: 'The subject_token expires too soon.',
    advice: 'A JWT of the request, or the approval, expires within a second. Get a new one.',
    audited: true,
    logged: true,
  },
  workflow_foreign: {
    status: 400,
    error: 'invalid_grant',
    message: NO_WORKFLOW,
    advice:
      'The workflow is unknown, or belongs to another agent, subject, owner, audience or task; the cause says which. Begin a new one.',
    audited: true,
    logged: true,
  },
  holder_differs: {
    status: 400,
    error: 'invalid_grant',
    message: NO_WORKFLOW,
    advice:
      'The workflow was begun with another key, or without one. Use the original key or begin a new workflow. Otherwise someone has both JWTs but not the key.',
    audited: true,
    logged: true,
  },
  workflow_ended: {
    status: 400,
    error: 'invalid_grant',
    message: NO_WORKFLOW,
    advice: 'The workflow has ended; the cause says how. After a revocation, the agent must stop.',
    audited: true,
    logged: true,
  },
  workflow_exhausted: {
    status: 400,
    error: 'invalid_grant',
    message: NO_WORKFLOW,
    advice: `The workflow has had ${WORKFLOW_MINTS_MAX} capabilities, so its agent probably renews in a loop. Begin a new one.`,
    audited: true,
    logged: true,
  },
  workflow_suspended: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The workflow is suspended; an operator may resume it.',
    advice: 'Retry later. An operator resumes or revokes the workflow.',
    audited: true,
    logged: true,
  },
  workflow_exceeded: {
    status: 400,
    error: 'invalid_scope',
    message: 'A workflow can only be continued with grants that it already has.',
    advice: 'Ask only for grants of the workflow, or set `step_up` to ask for more.',
    audited: true,
    logged: true,
  },
  parent_refused: {
    status: 400,
    error: 'invalid_grant',
    message: 'The parent capability is not valid.',
    advice:
      'The parent capability is not valid here: not a live token of this issuer (`token`), `narrowed`, bound to a key that was not proven (`holder`), for another `subject` or `audience`, or its workflow has `ended`.',
    audited: true,
    logged: true,
  },
  parent_exceeded: {
    status: 400,
    error: 'invalid_scope',
    message: 'A child cannot have more than its parent.',
    advice:
      'Ask only for grants that the parent capability and every workflow above it have, when the child begins and later.',
    audited: true,
    logged: true,
  },
};
