import {
  type Deployment,
  type FileFault,
  readDeployment,
  showFault,
} from '../../../src/deployment/index.ts';

/** A valid file with one environment. Each test breaks a part of it. */
export const VALID = `name = "reports"

[issuer]
url = "https://issuer.example"

[providers.okta]
issuer = "https://acme.okta.com"
jwksUri = "https://acme.okta.com/oauth2/v1/keys"
audience = "https://issuer.example"
algorithms = ["RS256"]

[gateways.gateway]
url = "https://gateway.example"
upstreams = { files = "https://files.internal.example/mcp" }
`;

/** The same with two environments. */
export const TWO = `${VALID.replace('url = "https://issuer.example"\n', '').replace('url = "https://gateway.example"\n', '')}
[environments.staging.issuer]
url = "https://issuer.staging.example"
[environments.staging.gateways.gateway]
url = "https://gateway.staging.example"

[environments.production.issuer]
url = "https://issuer.example"
[environments.production.gateways.gateway]
url = "https://gateway.example"
`;

export async function deploymentOf(toml: string): Promise<Deployment> {
  const read = await readDeployment(new TextEncoder().encode(toml));
  if (!read.ok) throw new Error(read.error.map(showFault).join('\n'));
  return read.value;
}

export async function faultsOf(file: string | Uint8Array): Promise<readonly FileFault[]> {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
  const read = await readDeployment(bytes);
  return read.ok ? [] : read.error;
}

export const textOf = async (file: string | Uint8Array): Promise<string> =>
  (await faultsOf(file)).map(showFault).join('\n');
