import * as v from 'valibot';
import { exactTexts } from '../schema.ts';
import { common, subjectsLike, template } from './template.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const guid = v.pipe(v.string(), v.regex(GUID, 'not a GUID in lower case'));

/** What both kinds of entries have: one tenant, and the version of its tokens. */
const tenant = {
  tenant: guid,
  /** The application's `requestedAccessTokenVersion`: 2 unless set to 1. */
  version: v.exactOptional(v.picklist([1, 2])),
};

const originOf = (tenant: string, version: 1 | 2) => ({
  issuer:
    version === 2
      ? `https://login.microsoftonline.com/${tenant}/v2.0`
      : `https://sts.windows.net/${tenant}/`,
  jwksUri: `https://login.microsoftonline.com/${tenant}/discovery/${version === 2 ? 'v2.0/' : ''}keys`,
});

/**
 * Microsoft Entra: access tokens of applications and managed identities of one tenant. The subject
 * is `oid`, the service principal, because `sub` differs between applications. `idtyp` must state
 * that the token represents an application and not a user.
 */
export const entra = template(
  v.strictObject({
    ...common,
    ...tenant,
    subjects: subjectsLike(GUID, 'not the object id of a service principal'),
  }),
  ({ name, audience, subjects, claims, tenant, version = 2 }) => ({
    name,
    audience,
    subjects,
    algorithms: ['RS256'],
    ...(claims && { claims }),
    ...originOf(tenant, version),
    subjectClaim: 'oid',
    requiredClaims: { tid: tenant, idtyp: 'app' },
  }),
);

/**
 * Microsoft Entra: access tokens of people of one tenant. `idtyp` must state that the token
 * represents a user: without it, an application's token would be a person's. Entra writes no
 * `may_act`, so the agents that may act for these people are listed here.
 */
export const entraUsers = template(
  v.strictObject({
    ...common,
    ...tenant,
    subjects: v.exactOptional(subjectsLike(GUID, 'not the object id of a user')),
    allowedActors: exactTexts,
  }),
  ({ name, audience, subjects, allowedActors, claims, tenant, version = 2 }) => ({
    name,
    audience,
    allowedActors,
    algorithms: ['RS256'],
    ...(subjects && { subjects }),
    ...(claims && { claims }),
    ...originOf(tenant, version),
    subjectClaim: 'oid',
    requiredClaims: { tid: tenant, idtyp: 'user' },
  }),
);
