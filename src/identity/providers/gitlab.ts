import * as v from 'valibot';
import { endpoint } from '../schema.ts';
import { common, digits, subjectsLike, template } from './template.ts';

/**
 * GitLab CI/CD ID tokens. The namespace is pinned by its number, as a path can change hands, and a
 * ref is protected unless the entry says otherwise: anyone who may push a branch runs its jobs.
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
    /** A GitLab of your own. */
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
      // GitLab writes this one as a text.
      ...(pinned.unprotectedRefs !== true && { ref_protected: 'true' }),
    },
  }),
);
