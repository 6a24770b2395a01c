/** What the walk-through needs of a running hewn dev on examples/reports. */
import { dirname, join } from 'node:path';
import type { Dev, SeenCall } from '../../src/dev/index.ts';

export interface Documents {
  /** The folder that the file server serves, as an absolute path. */
  readonly root: string;
  /** The reports, as paths relative to the folder. The last one has the injected instruction. */
  readonly reports: readonly string[];
  readonly injected: string;
  readonly summary: string;
  /** Outside every dataset that the agent's task names. */
  readonly secret: string;
}

export interface Message {
  readonly to: readonly string[];
  readonly body?: string;
}

export interface Scene {
  readonly issuerUrl: string;
  readonly gatewayUrl: string;
  /** Where an MCP client reaches the file server, behind the gateway. */
  readonly mcpUrl: string;
  /** Where it reaches the outbox, behind the same gateway. */
  readonly mailUrl: string;
  /** The operator's bearer credential for the admin routes. */
  readonly operator: string;
  readonly identity: {
    readonly url: string;
    readonly userToken: () => Promise<string>;
    readonly workloadToken: () => Promise<string>;
  };
  readonly bridge: {
    /** Every tool call that reached a server, in order. */
    readonly seen: () => readonly SeenCall[];
    readonly requests: () => number;
    /** Every message that was sent or drafted, in order. */
    readonly messages: () => readonly Message[];
  };
  readonly documents: Documents;
}

const INJECTED = 'reports/customer-feedback.md';

export function sceneOf(dev: Dev): Scene {
  const { issuer, gateways, identity, stdioServers } = dev.stage();
  const [gateway] = gateways;
  if (gateway === undefined || stdioServers === undefined)
    throw new Error('no gateway, or no servers');
  const seen = () => stdioServers.seen();
  return {
    issuerUrl: issuer,
    gatewayUrl: gateway.url,
    mcpUrl: `${gateway.url}/mcp/files`,
    mailUrl: `${gateway.url}/mcp/mail`,
    operator: dev.keys.operator,
    identity: {
      url: identity.url,
      userToken: () => tokenOf(identity.tokenEndpoint, { user: 'alice', agent: 'report-agent' }),
      workloadToken: () => tokenOf(identity.tokenEndpoint, { agent: 'report-agent' }),
    },
    bridge: {
      seen,
      requests: () => stdioServers.requests(),
      messages: () =>
        seen()
          .filter(({ server }) => server === 'mail')
          .map(({ args }) => args as unknown as Message),
    },
    documents: {
      root: join(dirname(dev.logFile), 'documents'),
      reports: ['reports/q1.md', 'reports/q2.md', 'reports/q3.md', INJECTED],
      injected: INJECTED,
      summary: 'summaries/churn-2026-q3.md',
      secret: 'private/salaries.csv',
    },
  };
}

async function tokenOf(endpoint: string, names: Record<string, string>): Promise<string> {
  const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(names) });
  const { access_token } = (await response.json()) as { access_token?: string };
  if (access_token === undefined) throw new Error(`no token: HTTP ${response.status}`);
  return access_token;
}
