import * as v from 'valibot';
import { endpoint } from '../schema.ts';
import { common, digits, subjectsLike, template } from './template.ts';

/**
 * GitLab CI/CD ID tokens. The namespace is pinned by its numeric id, because a path can change
 * hands. The ref must be protected unless the entry says otherwise: anyone who can push a branch
 * can run its jobs.
 */
export const gitlab = template(
  v.strictObject({
    ...common,
    subjects: subjectsLike(
      /^project_path:[^:]+:ref_type:(?:branch|tag):ref:.+$/,
      'not project_path:<group>/<project>:ref_type:<type>:ref:<ref>',
    ),
    namespaceId: digits,
    projectId: v.exactOptional(digits),
    unprotectedRefs: v.exactOptional(v.boolean()),
    /** For a self-managed GitLab. */
    issuer: v.exactOptional(endpoint),
  }),
  ({ name, audience, subjects, claims, issuer = 'https://gitlab.com', ...pinned }) => ({
    name,
    issuer,
    audience,
    subjects,
    algorithms: ['RS256'],
    ...(claims && { claims }),
    jwksUri: `${issuer}/oauth/discovery/keys`,
    requiredClaims: {
      namespace_id: pinned.namespaceId,
      ...(pinned.projectId !== undefined && { project_id: pinned.projectId }),
      // GitLab writes this boolean as a string.
      ...(pinned.unprotectedRefs !== true && { ref_protected: 'true' }),
    },
  }),
);
