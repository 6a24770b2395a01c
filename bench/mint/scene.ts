/**
 * Our issuer and a gateway as `npm start` runs them: the deployed bundles on workerd, Durable
 * Objects on this machine's disk, and an identity provider that only serves its keys.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRuntime } from '../../scripts/local/runtime.ts';
import { readClock, toSeconds } from '../../src/clock.ts';
import { LOOPBACK, listenOnLoopback, reservePort } from '../../src/dev/index.ts';
import { issuerSecrets, type KeyFile, loadDeploymentKeys } from '../../src/key-file/index.ts';
import { childNamed } from '../runtimes/index.ts';
import { unwrap } from '../unwrap.ts';
import { ALGORITHM, type SigningKey, signingKey } from './tokens.ts';

export const CLIENT = 'nightly-report';
/** Of a verifier of the gateway's audience. */
export const CREDENTIAL = 'the credential of a verifier of this bench';
/** Requests a minute: one client sends more than any agent. */
const NO_LIMIT = 10_000_000;

interface Names {
  readonly issuer: string;
  /** The gateway. */
  readonly audience: string;
  readonly provider: string;
  readonly providerKey: SigningKey;
  readonly clientKey: SigningKey;
}

export interface Scene extends Names {
  readonly keys: KeyFile;
  /** Of workerd, which runs all of it. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** What a scene has besides: the audience of a gateway elsewhere, and variables of the issuer. */
export interface SceneOptions {
  readonly otherAudience?: string;
  readonly issuerVars?: Readonly<Record<string, string>>;
  readonly issuerEntry?: string;
}

export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const home = await mkdtemp(join(tmpdir(), 'hewn-bench-'));
  const providerKey = await signingKey('provider');
  const provider = await serveKeys(providerKey);
  const removeAll = async () => {
    await provider.close();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const [issuerPort, gatewayPort] = [await freePort(), await freePort()];
    const names: Names = {
      issuer: `http://${LOOPBACK}:${issuerPort}`,
      audience: `http://${LOOPBACK}:${gatewayPort}`,
      provider: provider.url,
      providerKey,
      clientKey: await signingKey('client'),
    };
    const { keys } = unwrap(await loadDeploymentKeys(home, 'dev', toSeconds(readClock())));
    const runtime = await startRuntime({
      issuer: {
        port: issuerPort,
        vars: issuerVars(names, keys, options),
        withoutRateBindings: true,
        ...(options.issuerEntry !== undefined && { entryFile: options.issuerEntry }),
      },
      gateway: { port: gatewayPort, vars: gatewayVars(names, keys) },
      stateFolder: join(home, 'state'),
      onLine: ({ level, message }) => {
        if (level === 'error') process.stderr.write(`${message}\n`);
      },
    });
    const stop = async () => {
      await runtime.close();
      await removeAll();
    };
    return { ...names, keys, pid: await childNamed('workerd'), stop };
  } catch (error) {
    await removeAll();
    throw error;
  }
}

/** The part of an identity provider that the issuer talks to: its keys. */
const serveKeys = (key: SigningKey) =>
  listenOnLoopback({
    port: 0,
    what: 'keys of the identity provider',
    portVariable: 'none',
    handle: () => (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: [key.publicJwk] }));
    },
  });

const issuerVars = (names: Names, keys: KeyFile, options: SceneOptions) => ({
  ISSUER: names.issuer,
  AUDIENCES: JSON.stringify([names.audience, ...[options.otherAudience ?? []].flat()]),
  IDENTITY_ISSUERS: JSON.stringify(identityIssuers(names)),
  ...issuerSecrets(keys),
  VERIFIER_CREDENTIALS: JSON.stringify([
    { audience: names.audience, sha256: createHash('sha256').update(CREDENTIAL).digest('hex') },
  ]),
  RATE_LIMITS: JSON.stringify({
    tokenShared: NO_LIMIT,
    tokenPerAgent: NO_LIMIT,
    reportPerVerifier: NO_LIMIT,
    recordsPerVerifier: NO_LIMIT,
  }),
  ...options.issuerVars,
});

const gatewayVars = ({ issuer, audience }: Names, keys: KeyFile) => ({
  ISSUER: issuer,
  AUDIENCE: audience,
  FEED_PUBLIC_KEY: keys.feed.publicKey,
  MCP_UPSTREAMS: '{}',
});

export const freePort = () => reservePort({ port: 0, what: 'issuer', portVariable: 'none' });

/** The names that policy/reports.datalog uses. */
const identityIssuers = ({ issuer, provider, clientKey }: Names) => [
  {
    name: 'local-idp',
    issuer: provider,
    jwksUri: `${provider}/jwks`,
    audience: issuer,
    algorithms: [ALGORITHM],
    allowedActors: [`${provider}#report-agent`],
  },
  {
    kind: 'client',
    name: CLIENT,
    clientId: CLIENT,
    algorithms: [ALGORITHM],
    jwks: { keys: [clientKey.publicJwk] },
  },
];
