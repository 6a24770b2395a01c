import * as v from 'valibot';
import { endpoint } from '../schema.ts';
import { common, template } from './template.ts';

// RFC 1123: Kubernetes namespaces are labels, and service accounts are subdomains.
const namespace = v.pipe(v.string(), v.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/));
const account = v.pipe(v.string(), v.regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/));

/**
 * Kubernetes service accounts, by projected (bound) tokens. Each cluster is its own issuer:
 * clusters share namespace and account names, so only `iss` distinguishes them.
 */
export const kubernetes = template(
  v.strictObject({
    ...common,
    issuer: endpoint,
    /** For clusters whose API server is not reachable: EKS, for example, serves `<issuer>/keys`. */
    jwksUri: v.exactOptional(endpoint),
    algorithms: v.exactOptional(v.array(v.picklist(['RS256', 'ES256']))),
    serviceAccounts: v.pipe(v.array(v.strictObject({ namespace, name: account })), v.minLength(1)),
  }),
  ({ name, audience, claims, issuer, jwksUri, algorithms, serviceAccounts }) => ({
    name,
    issuer,
    audience,
    algorithms: algorithms ?? ['RS256'],
    ...(claims && { claims }),
    jwksUri: jwksUri ?? `${issuer.replace(/\/$/, '')}/openid/v1/jwks`,
    subjects: serviceAccounts.map(
      (account) => `system:serviceaccount:${account.namespace}:${account.name}`,
    ),
  }),
);
