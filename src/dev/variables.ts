import { join } from 'node:path';
import { replaceFile } from '../durable-file.ts';
import type { KeyFile } from '../key-file/index.ts';
import type { Stage } from './stage.ts';
import { verifierCredential } from './verifier-credential.ts';

/** Where scripts find the variables of a run, for `node --env-file`. */
export const variablesFile = (home: string): string => join(home, '.hewn', 'dev.env');

/** Returns what a script needs to reach a run. The credentials are secrets. */
export function variablesOf(stage: Stage, keys: KeyFile): Readonly<Record<string, string>> {
  const [gateway] = stage.gateways;
  const urls = stage.gateways.flatMap(({ url, servers }) =>
    servers.map((name) => [`HEWN_MCP_${variableName(name)}`, `${url}/mcp/${name}`] as const),
  );
  const apis = stage.gateways.flatMap((gateway) =>
    gateway.apis.map(
      (name) => [`HEWN_HTTP_${variableName(name)}`, `${gateway.url}/http/${name}`] as const,
    ),
  );
  const [first] = urls;
  // The APIs with a verifier of their own, which may send its records.
  const own = stage.audiences.filter((each) => stage.gateways.every(({ url }) => url !== each));
  return {
    HEWN_ISSUER: stage.issuer,
    ...(gateway && { HEWN_GATEWAY: gateway.url }),
    ...(first && { HEWN_MCP: first[1] }),
    ...Object.fromEntries([urls, apis].flat()),
    HEWN_AUDIENCE: stage.audiences[0] ?? '',
    HEWN_TOKEN_ENDPOINT: stage.identity.tokenEndpoint,
    ...Object.assign({}, ...own.map((audience, index) => ofApi(keys, audience, index))),
    HEWN_FEED_PUBLIC_KEY: keys.feed.publicKey,
    HEWN_OPERATOR: keys.operator,
  };
}

/** Returns the variables of one API. The audience of the first one has the name above. */
function ofApi(keys: KeyFile, audience: string, index: number): Readonly<Record<string, string>> {
  const credential = verifierCredential(keys.operator, audience);
  if (index === 0) return { HEWN_VERIFIER_CREDENTIAL: credential };
  const n = index + 1;
  return { [`HEWN_AUDIENCE_${n}`]: audience, [`HEWN_VERIFIER_CREDENTIAL_${n}`]: credential };
}

const variableName = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/** Writes the variables for their owner alone. */
export const writeVariables = (
  home: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> =>
  replaceFile(
    variablesFile(home),
    `# Written by hewn dev at each start. The credentials are secrets.\n${Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('')}`,
    0o600,
  );
