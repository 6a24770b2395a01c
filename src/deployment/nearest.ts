// cspell:ignore identityissuers mcpupstreams feedkey jwksurl
import { likely } from '../likely.ts';

const plain = (name: string): string => name.toLowerCase().replace(/[_\-. ]/g, '');

/** Other words that people write for a key. */
const SYNONYMS: Readonly<Record<string, string>> = {
  env: 'environments',
  envs: 'environments',
  environment: 'environments',
  provider: 'providers',
  identity: 'providers',
  identityissuers: 'providers',
  idp: 'providers',
  gateway: 'gateways',
  upstream: 'upstreams',
  servers: 'upstreams',
  mcpupstreams: 'upstreams',
  audience: 'audiences',
  main: 'entry',
  secret: 'secrets',
  domain: 'routes',
  route: 'routes',
  tools: 'catalogue',
  catalog: 'catalogue',
  policies: 'policy',
  shards: 'feedShards',
  issuer: 'url',
  feedkey: 'feedPublicKey',
  jwks: 'jwksUri',
  jwksurl: 'jwksUri',
};

/** Returns the allowed name that a person most likely meant, or undefined. */
export function nearest(name: string, allowed: readonly string[]): string | undefined {
  const wanted = plain(name);
  const same = allowed.find((other) => plain(other) === wanted);
  if (same !== undefined) return same;
  const close = likely(name, allowed) ?? likely(wanted, allowed.map(plain));
  const found = allowed.find((other) => other === close || plain(other) === close);
  if (found !== undefined) return found;
  const begun = allowed.filter((other) => plain(other).startsWith(wanted));
  if (begun.length === 1 && wanted.length >= 2) return begun[0];
  const synonym = Object.hasOwn(SYNONYMS, wanted) ? SYNONYMS[wanted] : undefined;
  return synonym !== undefined && allowed.includes(synonym) ? synonym : undefined;
}
