/** An issuer, a gateway with an MCP server behind it and an identity provider, all on loopback. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SeenCall } from '../../scripts/local/mcp-bridge.ts';
import { openStage } from '../../scripts/local/stage.ts';
import { toSeconds } from '../../src/clock.ts';
import { loadDeploymentKeys } from '../../src/key-file/index.ts';

export interface FrameworkStage {
  /** The variables of an agent that acts for a user, with new tokens of both. */
  readonly environment: () => Promise<NodeJS.ProcessEnv>;
  /** Every tool call that reached the MCP server. */
  readonly seen: () => readonly SeenCall[];
  /** Returns the states of all workflows. */
  readonly workflowStates: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

export async function openFrameworkStage(): Promise<FrameworkStage> {
  const home = await mkdtemp(join(tmpdir(), 'hewn-framework-stage-'));
  const keys = await loadDeploymentKeys(home, 'dev', toSeconds(Date.now()));
  if (!keys.ok) throw new Error(keys.error);
  const port = (what: string) => ({ port: 0, what, portVariable: what });
  const stage = await openStage({
    keys: keys.value.keys,
    ports: {
      issuer: port('issuer'),
      gateway: port('gateway'),
      identityProvider: port('identity provider'),
      servers: port('MCP server'),
    },
    localFolder: join(home, '.hewn'),
    stateFolder: join(home, 'state'),
    onLine: () => undefined,
  });
  const { issuerUrl, gatewayUrl, identity, bridge, operator } = stage;
  return {
    environment: async () => ({
      HEWN_ISSUER: issuerUrl,
      HEWN_GATEWAY: gatewayUrl,
      HEWN_ACTOR_TOKEN: await identity.workloadToken(),
      HEWN_SUBJECT_TOKEN: await identity.userToken(),
    }),
    seen: bridge.seen,
    workflowStates: async () => {
      const headers = { authorization: `Bearer ${operator}` };
      const response = await fetch(`${issuerUrl}/admin/v1/workflows`, { headers });
      const { workflows } = (await response.json()) as {
        readonly workflows: readonly { readonly state: string }[];
      };
      return workflows.map(({ state }) => state);
    },
    close: async () => {
      await stage.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
