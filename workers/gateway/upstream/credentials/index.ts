/** The kinds of credentials that a gateway presents to a server. */
import type { CredentialKind, CredentialOf } from '../../../../src/upstream/index.ts';
import type { CreateCredential, Credential, CredentialTools } from './credential.ts';

export type {
  Credential,
  CredentialFault,
  CredentialTools,
  Injected,
  Outgoing,
} from './credential.ts';

/** A kind without its entry does not compile. Each is loaded when an upstream first needs it. */
const KINDS: { readonly [K in CredentialKind]: () => Promise<Kind<K>> } = {
  header: () => import('./header.ts'),
  query: () => import('./query.ts'),
  basic: () => import('./basic.ts'),
  bearer: () => import('./bearer.ts'),
  'client-credentials': () => import('./client-credentials.ts'),
  'token-exchange': () => import('./token-exchange.ts'),
  'github-app': () => import('./github-app.ts'),
  'aws-sigv4': () => import('./aws-sigv4.ts'),
};

interface Kind<K extends CredentialKind> {
  readonly create: CreateCredential<CredentialOf<K>>;
}

/** Creates the credential of an upstream. */
export async function createCredential<K extends CredentialKind>(
  config: CredentialOf<K> & { readonly kind: K },
  tools: CredentialTools,
): Promise<Credential> {
  const { create } = await KINDS[config.kind]();
  return create(config, tools);
}
