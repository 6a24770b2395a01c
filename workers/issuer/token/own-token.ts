import {
  callFacts,
  openToken,
  type TrustedIssuer,
  trustIssuer,
  type VerifiedCapability,
} from '../../../src/capability/index.ts';
import { fromBase64Url, toHex } from '../../../src/encoding.ts';
import { type IssuerConfig, type IssuerEnv, readConfig } from '../platform/config.ts';
import { publicJwk } from '../platform/keys.ts';

const trusted = new WeakMap<IssuerConfig, Promise<TrustedIssuer>>();

/** This issuer as its own verifier, made once per isolate. */
function ourselves(config: IssuerConfig): Promise<TrustedIssuer> {
  let issuer = trusted.get(config);
  if (!issuer) {
    // Every published key: a token of an older one is alive until that key is retired.
    const keys = config.publishedKeys.map(async ({ id, key }) => {
      const { x } = await publicJwk(key);
      return { id, publicKey: toHex(fromBase64Url(x) ?? new Uint8Array()) };
    });
    issuer = Promise.all(keys).then(trustIssuer);
    trusted.set(config, issuer);
  }
  return issuer;
}

export interface LiveToken {
  readonly token: VerifiedCapability;
  /** Unix seconds. */
  readonly expires: number;
}

/**
 * A token of this issuer that has not ended by its own checks. Undefined for everything else, and
 * without a reason: whoever presents a stranger's bytes here is told nothing of why.
 */
export async function openLiveToken(
  env: IssuerEnv,
  text: string,
  now: number,
): Promise<LiveToken | undefined> {
  const config = readConfig(env);
  const opened = await openToken(text, await ourselves(config));
  if (!opened.ok || opened.value.authority.issuer !== config.issuer) return undefined;
  const token = opened.value;
  const { audience, holder } = token.authority;
  const known = callFacts(new Date(now), audience, holder === undefined ? {} : { holder });
  const failed = token.failedChecks(known);
  if (!failed.ok) return undefined;
  // A check that also reads the call is undecided until there is one.
  const hasFailed = failed.value.some(({ facts }) =>
    facts.every((fact) => ['time', 'audience', 'holder'].includes(fact)),
  );
  const { expires } = token;
  return hasFailed || expires === undefined ? undefined : { token, expires };
}
