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
  const [first] = urls;
  // An API with a verifier of its own, which may send its records.
  const own = stage.audiences.find((each) => stage.gateways.every(({ url }) => url !== each));
  return {
    HEWN_ISSUER: stage.issuer,
    ...(gateway && { HEWN_GATEWAY: gateway.url }),
    ...(first && { HEWN_MCP: first[1] }),
    ...Object.fromEntries(urls),
    HEWN_AUDIENCE: stage.audiences[0] ?? '',
    HEWN_TOKEN_ENDPOINT: stage.identity.tokenEndpoint,
    ...(own !== undefined && { HEWN_VERIFIER_CREDENTIAL: verifierCredential(keys.operator, own) }),
    HEWN_FEED_PUBLIC_KEY: keys.feed.publicKey,
    HEWN_OPERATOR: keys.operator,
  };
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
