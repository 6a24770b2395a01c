import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CryptoKey as JoseKey } from 'jose';
import { createTestHarness, type TestHarness } from 'wrangler';
import { createDocuments, type Documents } from '../../scripts/local/documents.ts';
import { type McpBridge, startMcpBridge } from '../../scripts/local/mcp-bridge.ts';
import {
  ed25519,
  es256,
  IN_SHADOW,
  sha256,
  startTestIdentityProvider,
  type TestIdentityProvider,
} from './parts.ts';

export type { TestIdentityProvider } from './parts.ts';

/**
 * All Workers as they are deployed, a real MCP server behind the gateway, and an identity provider
 * whose tokens a test shapes freely, including ones that a correct provider would never issue.
 */
export interface Stage {
  readonly harness: TestHarness;
  readonly issuer: string;
  readonly audience: string;
  readonly operator: string;
  /** Credentials for introspection: of the gateway, and of a verifier of another audience. */
  readonly verifier: string;
  readonly otherVerifier: string;
  readonly bridge: McpBridge;
  readonly documents: Documents;
  readonly identity: TestIdentityProvider;
  /** The client `nightly-report` signs its assertions with this key, as key `nightly`. */
  readonly nightlyKey: JoseKey;
  /** The trust domain acme.example signs JWT-SVIDs with this key, as key `svid`. */
  readonly svidKey: JoseKey;
  /** A `fetch` that resolves the two Workers' URLs and reaches nothing else. */
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

const ISSUER = 'http://issuer.test';
const GATEWAY = 'http://gateway.test';

/**
 * With `nonces`, both Workers require one in every DPoP proof. `identityIssuers` are added to the
 * issuer's configuration. The deviation rules only watch unless `rules` is `act`, because a test of
 * denials looks like an agent that goes astray. `between` runs between the gateway and the issuer.
 */
export async function openStage(
  options: {
    nonces?: boolean;
    signals?: boolean;
    gatewayVars?: Readonly<Record<string, string>>;
    gatewaySecrets?: Readonly<Record<string, string>>;
    issuerVars?: Readonly<Record<string, string>>;
    issuerSecrets?: Readonly<Record<string, string>>;
    identityIssuers?: readonly object[];
    rules?: 'act';
    shards?: number;
    between?: 'weather';
  } = {},
): Promise<Stage> {
  const { gatewayVars = {}, identityIssuers = [] } = options;
  const shards = options.shards ? { FEED_SHARDS: String(options.shards) } : {};
  const nonceSecret = (byte: string) =>
    options.nonces ? { DPOP_NONCE_SECRET: byte.repeat(32) } : {};
  const folder = await mkdtemp(join(tmpdir(), 'hewn-e2e-'));
  const documents = await createDocuments(folder);
  const bridge = await startMcpBridge({ root: documents.root, port: 0 });
  const { identity, server } = await startTestIdentityProvider(ISSUER);
  const [mint, feed] = [ed25519(), ed25519()];
  const [nightly, svid] = [await es256('nightly'), await es256('svid')];
  const operator = 'operator-credential-of-the-e2e-tests';
  const [verifier, otherVerifier] = ['credential-of-the-gateway', 'credential-of-another'];
  const harness = createTestHarness({
    workers: [
      {
        configPath: options.between
          ? './test/e2e/weather/gateway.toml'
          : './workers/gateway/wrangler.toml',
        vars: {
          ISSUER,
          AUDIENCE: GATEWAY,
          FEED_PUBLIC_KEY: feed.publicKey,
          MCP_UPSTREAMS: JSON.stringify({ files: bridge.url, mail: bridge.mailUrl }),
          // A test that is about denials compares statuses. `denied-result.test.ts` has the default.
          DENIAL_FORM: 'error',
          ...shards,
          ...gatewayVars,
        },
        secrets: {
          CALLER_KEY: `ed25519-private/${ed25519().seed}`,
          ...nonceSecret('04'),
          ...options.gatewaySecrets,
        },
      },
      {
        configPath: './wrangler.toml',
        vars: {
          ISSUER,
          AUDIENCES: JSON.stringify([GATEWAY]),
          ...shards,
          IDENTITY_ISSUERS: JSON.stringify([
            {
              name: 'local-idp',
              issuer: identity.issuer,
              jwksUri: `${identity.issuer}/jwks`,
              audience: ISSUER,
              algorithms: ['ES256'],
              allowedActors: [`${identity.issuer}#report-agent`],
            },
            {
              kind: 'client',
              name: 'nightly-report',
              clientId: 'nightly-report',
              algorithms: ['ES256'],
              jwks: { keys: [nightly.publicJwk] },
            },
            {
              kind: 'spiffe',
              name: 'acme',
              trustDomain: 'acme.example',
              audience: ISSUER,
              bundle: { keys: [{ ...svid.publicJwk, use: 'jwt-svid' }], spiffe_sequence: 1 },
            },
            ...identityIssuers,
          ]),
          DEVIATION_RULES: JSON.stringify(options.rules ? {} : IN_SHADOW),
          // The reference implementation checks every capability that a test mints.
          MINT_CHECK_EVERY: '1',
          ...(options.signals && { SIGNAL_LOOPBACK: 'allowed' }),
          VERIFIER_CREDENTIALS: JSON.stringify([
            { audience: GATEWAY, sha256: sha256(verifier) },
            { audience: 'http://elsewhere.test', sha256: sha256(otherVerifier) },
          ]),
          ...options.issuerVars,
        },
        secrets: {
          MINT_KEYS: JSON.stringify([
            { id: 1, key: `ed25519-private/${mint.seed}`, state: 'active' },
          ]),
          FEED_KEY: `ed25519-private/${feed.seed}`,
          LOG_KEY: `ed25519-private/${ed25519().seed}`,
          OPERATOR_SHA256: sha256(operator),
          ...nonceSecret('05'),
          ...(options.signals && { SIGNAL_KEY: `ed25519-private/${ed25519().seed}` }),
          ...options.issuerSecrets,
        },
      },
      ...(options.between ? [{ configPath: './test/e2e/weather/wrangler.toml' }] : []),
    ],
  });
  await harness.listen();
  return {
    harness,
    issuer: ISSUER,
    audience: GATEWAY,
    bridge,
    documents,
    identity,
    operator,
    verifier,
    otherVerifier,
    nightlyKey: nightly.privateKey,
    svidKey: svid.privateKey,
    fetch: reach(harness),
    close: async () => {
      await harness.close();
      await bridge.close();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function reach(harness: TestHarness): typeof fetch {
  return async (input, init) => {
    const request = new Request(input as string, init as RequestInit);
    const url = new URL(request.url);
    const worker = { [ISSUER]: 'issuer', [GATEWAY]: 'gateway' }[url.origin];
    if (worker === undefined) throw new TypeError(`no Worker answers at ${url.origin}`);
    const { method, headers } = request;
    const body = request.body ? await request.text() : null;
    const response = await harness
      .getWorker(worker)
      .fetch(url.href, { method, headers: Object.fromEntries(headers), body, redirect: 'manual' });
    return response as unknown as Response;
  };
}
