/**
 * Everything that a local run needs: identity provider, MCP server, Workers. Started in the order
 * of their dependencies, and closed in the opposite order.
 */
import { LOOPBACK, type LocalPorts, reservePort, type WorkerLine } from '../../src/dev/index.ts';
import { issuerSecrets, type KeyFile } from '../../src/key-file/index.ts';
import { createDocuments, type Documents } from './documents.ts';
import { type LocalIdentityProvider, startIdentityProvider } from './identity-provider/index.ts';
import { type McpBridge, startMcpBridge } from './mcp-bridge.ts';
import { type LocalRuntime, startRuntime } from './runtime.ts';

export interface LocalStage {
  readonly issuerUrl: string;
  readonly gatewayUrl: string;
  /** Where an MCP client reaches the file server, behind the gateway. */
  readonly mcpUrl: string;
  /** Where it reaches the outbox, behind the same gateway. */
  readonly mailUrl: string;
  /** The operator's bearer credential for the admin routes. */
  readonly operator: string;
  readonly identity: LocalIdentityProvider;
  readonly bridge: McpBridge;
  readonly documents: Documents;
  readonly close: () => Promise<void>;
}

export async function openStage(options: {
  readonly keys: KeyFile;
  readonly ports: LocalPorts;
  /** Contains the documents. */
  readonly localFolder: string;
  /** Contains the rows of the Durable Objects. */
  readonly stateFolder: string;
  readonly onLine: (line: WorkerLine) => void;
  /** Further variables of the issuer. */
  readonly issuerVars?: (scene: { gatewayUrl: string }) => Readonly<Record<string, string>>;
}): Promise<LocalStage> {
  const { keys, ports, localFolder, stateFolder, onLine } = options;
  const opened: { readonly close: () => Promise<void> }[] = [];
  const close = async () => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  const keep = <Part extends { readonly close: () => Promise<void> }>(part: Part): Part => {
    opened.push(part);
    return part;
  };
  try {
    const issuerPort = await reservePort(ports.issuer);
    const gatewayPort = await reservePort(ports.gateway);
    const issuerUrl = `http://${LOOPBACK}:${issuerPort}`;
    const gatewayUrl = `http://${LOOPBACK}:${gatewayPort}`;
    const documents = await createDocuments(localFolder);
    const identity = keep(
      await startIdentityProvider({ port: ports.identityProvider.port, audience: issuerUrl }),
    );
    const bridge = keep(await startMcpBridge({ root: documents.root, port: ports.servers.port }));
    const scene = { keys, issuerUrl, gatewayUrl, identity, bridge };
    const runtime: LocalRuntime = keep(
      await startRuntime({
        issuer: {
          port: issuerPort,
          vars: { ...issuerVars(scene), ...options.issuerVars?.(scene) },
        },
        gateway: { port: gatewayPort, vars: gatewayVars(scene) },
        stateFolder,
        onLine,
      }),
    );
    const mcpUrl = `${runtime.gatewayUrl}/mcp/files`;
    const mailUrl = `${runtime.gatewayUrl}/mcp/mail`;
    const { operator } = keys;
    return {
      issuerUrl,
      gatewayUrl,
      mcpUrl,
      mailUrl,
      operator,
      identity,
      bridge,
      documents,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Scene {
  readonly keys: KeyFile;
  readonly issuerUrl: string;
  readonly gatewayUrl: string;
  readonly identity: LocalIdentityProvider;
  readonly bridge: McpBridge;
}

const issuerVars = ({ keys, issuerUrl, gatewayUrl, identity }: Scene) => ({
  ISSUER: issuerUrl,
  AUDIENCES: JSON.stringify([gatewayUrl]),
  IDENTITY_ISSUERS: JSON.stringify([
    {
      name: 'local-idp',
      issuer: identity.issuer,
      jwksUri: identity.jwksUri,
      audience: issuerUrl,
      algorithms: [identity.algorithm],
      tokenTypes: ['at+jwt'],
    },
  ]),
  ...issuerSecrets(keys),
  // The walk-through plays a hijacked agent and a thief: the rules would stop its workflow at once.
  DEVIATION_RULES: JSON.stringify({
    'out-of-scope': 'shadow',
    'out-of-scope-irreversible': 'shadow',
    'wrong-key': 'shadow',
  }),
});

/** Public halves only: the gateway holds nothing that can mint or revoke. */
const gatewayVars = ({ keys, issuerUrl, gatewayUrl, bridge }: Scene) => ({
  ISSUER: issuerUrl,
  AUDIENCE: gatewayUrl,
  FEED_PUBLIC_KEY: keys.feed.publicKey,
  MCP_UPSTREAMS: JSON.stringify({ files: bridge.url, mail: bridge.mailUrl }),
});
