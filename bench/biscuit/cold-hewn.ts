/**
 * The first decision of a fresh process or isolate: read, verify, decide, once. The policy comes as
 * data, parsed when the bundle was built, and the request as facts, as in a gateway.
 */
import {
  type AuthorizerSource,
  authorize,
  parseAndVerify,
  publicKeyFromText,
} from '../../src/biscuit/index.ts';

export type ColdFixture = {
  readonly rootPublicKey: string;
  readonly token: string;
  readonly authorizer: AuthorizerSource;
};

export async function decideOnce(fixture: ColdFixture): Promise<string> {
  const rootKey = publicKeyFromText(`ed25519/${fixture.rootPublicKey}`);
  if (!rootKey.ok) return rootKey.error.code;
  const token = await parseAndVerify(fixture.token, rootKey.value);
  if (!token.ok) return token.error.code;
  const decision = authorize(token.value, { authorizer: fixture.authorizer });
  return decision.ok ? 'allowed' : decision.error.code;
}
