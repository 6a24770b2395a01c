import * as v from 'valibot';
import { endpoint, exactText } from '../schema.ts';
import { common, digits, subjectsLike, template } from './template.ts';

/**
 * `repo:octo-org/octo-repo:ref:refs/heads/main`. Repositories created or renamed since 2026-07-15,
 * and those that opted in, have numeric ids in it: `repo:octo-org@65/octo-repo@4711:ref:…`.
 */
const SUBJECT = /^repo:[^/:@]+(?:@(\d+))?\/[^/:@]+(?:@(\d+))?:.+$/;

const PUBLIC_ISSUER = 'https://token.actions.githubusercontent.com';

/**
 * GitHub Actions. One issuer signs for every repository on github.com, so the owner is pinned by
 * its numeric id: someone else can register an abandoned name and would then get its subjects.
 */
const options = v.pipe(
  v.strictObject({
    ...common,
    subjects: subjectsLike(SUBJECT, 'not repo:<owner>/<repository>:<context>'),
    repositoryOwnerId: digits,
    repositoryId: v.exactOptional(digits),
    /** `owner/repository/.github/workflows/file.yml@refs/heads/main`, for a reusable workflow. */
    jobWorkflowRef: v.exactOptional(exactText),
    /** For GitHub Enterprise Server, or an enterprise with its own issuer. */
    issuer: v.exactOptional(endpoint),
  }),
  v.check(
    ({ subjects, repositoryOwnerId, repositoryId }) =>
      subjects.every((subject) => {
        const [, owner = repositoryOwnerId, repository] = SUBJECT.exec(subject) ?? [];
        const pinned = repositoryId ?? repository;
        return owner === repositoryOwnerId && (repository ?? pinned) === pinned;
      }),
    'a subject has another number than repositoryOwnerId or repositoryId',
  ),
);

export const githubActions = template(
  options,
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
