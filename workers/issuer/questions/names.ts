import { resolveIdentity } from '../../../src/identity/index.ts';
import type { Names } from '../../../src/questions/index.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';

/** Returns what resolves the names of identities for the issuers that are configured now. */
export function namesOf(env: IssuerEnv): Names {
  const { identityIssuers, issuer } = readConfig(env);
  const resolved = new Map<string, ReturnType<Names>>();
  return (qualified) => {
    if (!resolved.has(qualified)) {
      const spelled = resolveIdentity(qualified, identityIssuers, issuer);
      resolved.set(qualified, spelled.ok ? spelled.value : undefined);
    }
    return resolved.get(qualified);
  };
}

/** Returns an agent as records spell it, from a policy's spelling or a record's. */
export function agentNamed(env: IssuerEnv, text: string): string {
  const { identityIssuers, issuer } = readConfig(env);
  const spelled = resolveIdentity(text, identityIssuers, issuer);
  return spelled.ok ? spelled.value.qualified : text;
}
