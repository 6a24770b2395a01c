import { fromHex, toBase64Url } from '../../src/encoding.ts';
import { sealPublicKey } from '../../src/upstream/index.ts';
import type { GatewayEnv } from './config.ts';
import type { Gateway } from './gateway.ts';

/**
 * `/.well-known/jwks.json`: the public halves of the gateway's own keys. Servers behind it verify
 * `Hewn-Caller` with the ones for `caller`, and `hewn seal` seals secrets to the ones for `seal`.
 */
export function createJwksRoute(gatewayFor: (env: GatewayEnv) => Promise<Gateway>) {
  const known = new WeakMap<object, readonly object[]>();
  return async (_request: Request, env: GatewayEnv): Promise<Response> => {
    const keys = known.get(env) ?? (await publicKeysOf(await gatewayFor(env)));
    known.set(env, keys);
    return Response.json({ keys }, { headers: { 'cache-control': 'public, max-age=300' } });
  };
}

async function publicKeysOf({ caller, config }: Gateway): Promise<readonly object[]> {
  const seal = config.sealKeys.map(async (key) => {
    const x = toBase64Url(fromHex(await sealPublicKey(key)) ?? new Uint8Array());
    return { kty: 'OKP', crv: 'X25519', x, use: 'enc', hewn_use: 'seal' };
  });
  return [...(await caller.jwks()), ...(await Promise.all(seal))];
}
