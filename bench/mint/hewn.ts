/**
 * Our issuer as `npm start` runs it: its deployed bundle on workerd, its Durable Objects on the
 * disk of this machine. The gateway beside it is asked nothing.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalKeys, loadLocalKeys } from '../../scripts/local/keys.ts';
import { LOOPBACK, listenOnLoopback, reservePort } from '../../scripts/local/loopback.ts';
import { startRuntime } from '../../scripts/local/runtime.ts';
import { writeMintKeys } from '../../src/keyring/index.ts';
import { must } from '../must.ts';
import { childNamed, cpuMicroseconds } from '../runtimes/index.ts';
import { exchange, type Prepared } from './client.ts';
import { type Contender, each, type Operation, same } from './contender.ts';
import { ALGORITHM, clientAssertion, type SigningKey, signingKey } from './tokens.ts';

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const CLIENT = 'nightly-report';
const TASK = 'bench of the mint';
const GRANTS = [{ tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' }];
/** Begun anew before each batch and continued in turns: some ten capabilities each. */
const CONTINUED_WORKFLOWS = 10;

interface Scene {
  readonly issuer: string;
  readonly audience: string;
  readonly provider: string;
  readonly providerKey: SigningKey;
  readonly clientKey: SigningKey;
}

export async function startHewn(): Promise<Contender> {
  const home = await mkdtemp(join(tmpdir(), 'hewn-bench-mint-'));
  const providerKey = await signingKey('provider');
  const provider = await serveKeys(providerKey);
  const removeAll = async () => {
    await provider.close();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const [issuerPort, gatewayPort] = [await freePort(), await freePort()];
    const scene: Scene = {
      issuer: `http://${LOOPBACK}:${issuerPort}`,
      audience: `http://${LOOPBACK}:${gatewayPort}`,
      ...{ provider: provider.url, providerKey, clientKey: await signingKey('client') },
    };
    const { keys } = must(await loadLocalKeys(join(home, 'keys')));
    const runtime = await startRuntime({
      issuer: { port: issuerPort, vars: issuerVars(scene, keys) },
      gateway: { port: gatewayPort, vars: gatewayVars(scene, keys) },
      stateFolder: join(home, 'state'),
      onLine: ({ level, message }) => {
        if (level === 'error') process.stderr.write(`${message}\n`);
      },
    });
    const pid = await childNamed('workerd');
    return {
      operations: operationsOf(scene),
      cpuMicroseconds: () => cpuMicroseconds(pid),
      stop: async () => {
        await runtime.close();
        await removeAll();
      },
    };
  } catch (error) {
    await removeAll();
    throw error;
  }
}

/** The identity provider, as far as the issuer asks it anything. */
const serveKeys = (key: SigningKey) =>
  listenOnLoopback({
    ...{ port: 0, what: 'keys of the identity provider', portVariable: 'none' },
    handle: () => (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: [key.publicJwk] }));
    },
  });

const issuerVars = (scene: Scene, keys: LocalKeys) => ({
  ...{ ISSUER: scene.issuer, AUDIENCES: JSON.stringify([scene.audience]) },
  IDENTITY_ISSUERS: JSON.stringify(identityIssuers(scene)),
  ...{ MINT_KEYS: writeMintKeys(keys.mint), FEED_KEY: keys.feed.privateKey },
  OPERATOR_SHA256: createHash('sha256').update(keys.operator).digest('hex'),
});

const gatewayVars = ({ issuer, audience }: Scene, keys: LocalKeys) => ({
  ...{ ISSUER: issuer, AUDIENCE: audience, FEED_PUBLIC_KEY: keys.feed.publicKey },
  MCP_UPSTREAMS: '{}',
});

const freePort = () => reservePort({ port: 0, what: 'issuer', portVariable: 'none' });

/** By the names that policy/reports.datalog knows. */
const identityIssuers = ({ issuer, provider, clientKey }: Scene) => [
  {
    ...{ name: 'local-idp', issuer: provider, jwksUri: `${provider}/jwks`, audience: issuer },
    ...{ algorithms: [ALGORITHM], allowedActors: [`${provider}#report-agent`] },
  },
  {
    ...{ kind: 'client', name: CLIENT, clientId: CLIENT, algorithms: [ALGORITHM] },
    jwks: { keys: [clientKey.publicJwk] },
  },
];

function operationsOf(scene: Scene): readonly Operation[] {
  const { issuer, audience } = scene;
  const url = `${issuer}/token`;
  const asked = (workflow?: string) => ({
    resource: audience,
    authorization_details: JSON.stringify([
      {
        type: 'hewn_task',
        task: TASK,
        grants: GRANTS,
        ...(workflow !== undefined && { workflow }),
      },
    ]),
  });
  const form = (parameters: Record<string, string>) => String(new URLSearchParams(parameters));
  const tokenExchange = async (workflow?: string): Promise<Prepared> => ({
    url,
    form: form({
      grant_type: TOKEN_EXCHANGE,
      ...{ subject_token: await tokenOf('alice', scene), subject_token_type: TOKEN_TYPE },
      ...{ actor_token: await tokenOf('report-agent', scene), actor_token_type: TOKEN_TYPE },
      ...asked(workflow),
    }),
  });
  return [
    {
      name: 'hewn: metadata',
      prepare: same({ url: `${issuer}/.well-known/oauth-authorization-server` }),
    },
    { name: 'hewn: token exchange', prepare: each(() => tokenExchange()) },
    {
      name: 'hewn: token exchange, continued',
      prepare: async (count) => {
        const workflows: string[] = [];
        while (workflows.length < CONTINUED_WORKFLOWS)
          workflows.push(workflowOf(await exchange(await tokenExchange())));
        return each((at) => tokenExchange(workflows[at % CONTINUED_WORKFLOWS]))(count);
      },
    },
    {
      name: 'hewn: client_credentials',
      prepare: each(async () => ({
        url,
        form: form({
          grant_type: 'client_credentials',
          ...(await clientAssertion(scene.clientKey, CLIENT, issuer)),
          ...asked(),
        }),
      })),
    },
  ];
}

const tokenOf = (sub: string, { provider, issuer, providerKey }: Scene): Promise<string> =>
  providerKey.sign({ iss: provider, aud: issuer, sub });

function workflowOf(answer: string): string {
  const { authorization_details: details } = JSON.parse(answer) as {
    readonly authorization_details: readonly { readonly workflow: string }[];
  };
  const [detail] = details;
  if (detail === undefined) throw new Error('the answer has no workflow');
  return detail.workflow;
}
