import type { Deployment, Environment } from '../../deployment/index.ts';
import { readRunning } from '../../dev/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/** The name under which `hewn dev` keeps its keys and its state. */
export const DEV = 'dev';

/**
 * Returns the environment that a running `hewn dev` serves. Its identity provider and its MCP
 * servers are on this machine, so those of the file are not examined.
 */
export async function runningEnvironment(
  folder: string,
  { environments }: Deployment,
): Promise<Result<Environment, string>> {
  const run = (await readRunning(folder))?.run;
  const [base] = environments;
  if (!run || !base) {
    return refuse(`no hewn dev runs in ${folder}. Start it, or choose another --env`);
  }
  const gateways = base.gateways.map((gateway, index) => ({
    ...gateway,
    // The gateways come first, in the order of the file.
    url: run.audiences[index] ?? gateway.url,
    upstreams: Object.fromEntries(
      Object.keys(gateway.upstreams).map((server) => [server, 'http://127.0.0.1/mcp']),
    ),
  }));
  return ok({
    ...base,
    name: DEV,
    issuer: { ...base.issuer, url: run.issuer },
    providers: [],
    gateways,
  });
}
