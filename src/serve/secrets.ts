import type { BundledWorkers } from '../bundle/index.ts';
import { type Environment, secretNames } from '../deployment/index.ts';
import { issuerSecrets, type KeyFile, secretVariable } from '../key-file/index.ts';
import { FEED_PUBLIC_KEY_VARIABLE } from './config.ts';

/** The issuer runs without it, and then approves no single calls. */
const APPROVER = secretVariable('issuer', 'APPROVER_KEY');

export interface ServerSecrets {
  /** Environment variables of the server, by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that are needed and found nowhere. */
  readonly missing: readonly string[];
  /** The same of gateways: without one, only some upstreams cannot be called. */
  readonly missingOfGateways: readonly string[];
}

/**
 * Collects the secrets of a server: from the environment, and what is not there from the key file.
 * A secret that workerd does not find would be answered with 500 at the first request, so a missing
 * one is found here.
 */
export function collectSecrets(
  { issuer, gateways }: BundledWorkers,
  environment: Environment,
  keys: KeyFile | undefined,
  variable: (name: string) => string | undefined,
): ServerSecrets {
  const ofKeys: Readonly<Record<string, string>> = keys ? issuerSecrets(keys) : {};
  const needed = new Map<string, string | undefined>();
  for (const name of secretNames(issuer.config))
    needed.set(secretVariable('issuer', name), ofKeys[name]);
  const ofGateways = gateways.flatMap(({ role, config }) =>
    secretNames(config).map((name) => secretVariable(role, name)),
  );
  for (const name of ofGateways) needed.set(name, undefined);
  if (gateways.length > 0 && environment.issuer.feedPublicKey === undefined) {
    needed.set(FEED_PUBLIC_KEY_VARIABLE, keys?.feed.publicKey);
  }
  const found = [...needed].map(([name, own]) => [name, variable(name) || own] as const);
  const missing = found.filter(([, value]) => value === undefined).map(([name]) => name);
  return {
    variables: Object.fromEntries(
      found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
    ),
    missing: missing.filter((name) => !ofGateways.includes(name) && name !== APPROVER),
    missingOfGateways: missing.filter((name) => ofGateways.includes(name)),
  };
}
