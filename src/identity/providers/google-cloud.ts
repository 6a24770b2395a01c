import * as v from 'valibot';
import { common, subjectsLike, template } from './template.ts';

/**
 * Google Cloud service accounts, by the identity tokens of the metadata server. The subject is the
 * account's unique id: an address can be reused after its account was deleted.
 */
export const googleCloud = template(
  v.strictObject({
    ...common,
    subjects: subjectsLike(/^\d{15,30}$/, 'not the unique id of a service account'),
  }),
  ({ name, audience, subjects, claims }) => ({
    name,
    audience,
    subjects,
    algorithms: ['RS256'],
    ...(claims && { claims }),
    issuer: 'https://accounts.google.com',
    jwksUri: 'https://www.googleapis.com/oauth2/v3/certs',
  }),
);
