import * as v from 'valibot';
import { endpoint, exactText } from '../schema.ts';
import { common, digits, subjectsLike, template } from './template.ts';

const PUBLIC_ISSUER = 'https://token.actions.githubusercontent.com';

/**
 * GitHub Actions. One issuer signs for every repository of github.com, so the owner is pinned by
 * its number: a name that was given up can be taken by somebody else, with its subjects.
 */
export const githubActions = template(
  v.strictObject({
    ...common,
    subjects: subjectsLike(/^repo:[^/:]+\/[^:]+:.+$/, 'not repo:<owner>/<repository>:<context>'),
    repositoryOwnerId: digits,
    repositoryId: v.exactOptional(digits),
    /** `owner/repository/.github/workflows/file.yml@refs/heads/main`, for a reusable workflow. */
    jobWorkflowRef: v.exactOptional(exactText),
    /** GitHub Enterprise Server, or an enterprise with an issuer of its own. */
    issuer: v.exactOptional(endpoint),
  }),
  ({ name, audience, subjects, claims, issuer = PUBLIC_ISSUER, ...pinned }) => ({
    name,
    issuer,
    audience,
    subjects,
    algorithms: ['RS256'],
    ...(claims && { claims }),
    jwksUri: `${issuer}/.well-known/jwks`,
    requiredClaims: {
      repository_owner_id: pinned.repositoryOwnerId,
      ...(pinned.repositoryId !== undefined && { repository_id: pinned.repositoryId }),
      ...(pinned.jobWorkflowRef !== undefined && { job_workflow_ref: pinned.jobWorkflowRef }),
    },
  }),
);
