import * as v from 'valibot';
import { endpoint } from '../schema.ts';
import { common, template } from './template.ts';

// RFC 1123, as Kubernetes names namespaces (a label) and service accounts (a subdomain).
const namespace = v.pipe(v.string(), v.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/));
const account = v.pipe(v.string(), v.regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/));

/**
 * Kubernetes service accounts, by projected (bound) tokens. Each cluster is an issuer of its own:
 * two clusters have the same namespaces and names, and are told apart by `iss` alone.
 */
export const kubernetes = template(
  v.strictObject({
    ...common,
    issuer: endpoint,
    /** Where the API server's own path is not reachable: EKS, for one, serves `<issuer>/keys`. */
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
