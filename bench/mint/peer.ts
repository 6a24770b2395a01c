/** The peer: `oidc-provider` on Node, which issues a signed access token for a signed assertion. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { WORKLOAD_CLIENT } from '../../scripts/local/identity-provider/index.ts';
import { cpuMicroseconds } from '../runtimes/index.ts';
import { type Contender, each, same } from './contender.ts';
import { clientAssertion, signingKey } from './tokens.ts';

const AUDIENCE = 'https://api.example';

export interface PeerSetup {
  readonly audience: string;
  readonly signingKey: JWK;
  readonly workloadKey: JWK;
}

export async function startPeer(): Promise<Contender> {
  const [signing, workload] = [await signingKey('signing'), await signingKey('workload')];
  const child = fork(join(import.meta.dirname, 'peer.node.ts'), {
    env: { ...process.env, NODE_ENV: 'production' },
    // It prints warnings about http and loopback at the start.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const setup: PeerSetup = {
    audience: AUDIENCE,
    signingKey: signing.privateJwk,
    workloadKey: workload.publicJwk,
  };
  child.send(setup);
  const [issuer] = (await once(child, 'message')) as [string];
  const { pid } = child;
  if (pid === undefined) throw new Error('oidc-provider did not start');
  return {
    operations: [
      {
        name: 'oidc-provider: metadata',
        prepare: same({ url: `${issuer}/.well-known/openid-configuration` }),
      },
      {
        name: 'oidc-provider: client_credentials',
        prepare: each(async () => ({
          url: `${issuer}/token`,
          form: String(
            new URLSearchParams({
              grant_type: 'client_credentials',
              resource: AUDIENCE,
              ...(await clientAssertion(workload, WORKLOAD_CLIENT, issuer)),
            }),
          ),
        })),
      },
    ],
    cpuMicroseconds: () => cpuMicroseconds(pid),
    stop: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}
