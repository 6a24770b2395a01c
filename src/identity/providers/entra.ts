import * as v from 'valibot';
import { common, subjectsLike, template } from './template.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const guid = v.pipe(v.string(), v.regex(GUID, 'not a GUID in lower case'));

/**
 * Microsoft Entra: access tokens of applications and managed identities of one tenant. The subject
 * is `oid`, the service principal, because `sub` differs between applications. `idtyp` must state
 * that the token represents an application and not a user.
 */
export const entra = template(
  v.strictObject({
    ...common,
    tenant: guid,
    subjects: subjectsLike(GUID, 'not the object id of a service principal'),
    /** The application's `requestedAccessTokenVersion`: 2 unless set to 1. */
    version: v.exactOptional(v.picklist([1, 2])),
  }),
  ({ name, audience, subjects, claims, tenant, version = 2 }) => ({
    name,
    audience,
    subjects,
    algorithms: ['RS256'],
    ...(claims && { claims }),
    issuer:
      version === 2
        ? `https://login.microsoftonline.com/${tenant}/v2.0`
        : `https://sts.windows.net/${tenant}/`,
    jwksUri: `https://login.microsoftonline.com/${tenant}/discovery/${version === 2 ? 'v2.0/' : ''}keys`,
    subjectClaim: 'oid',
    requiredClaims: { tid: tenant, idtyp: 'app' },
  }),
);
