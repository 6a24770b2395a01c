import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import { readClock } from '../../../src/clock.ts';
import { createDpopKey, signProof } from '../../../src/dpop/index.ts';
import type { IssuerEnv } from '../../../workers/issuer/platform/env.ts';
import { readProof } from '../../../workers/issuer/token/prove.ts';
import { useProof } from '../../../workers/issuer/token/use-proof.ts';

const env = untyped as unknown as IssuerEnv;
const key = await createDpopKey();
const url = `${env.ISSUER}/token`;
const sign = () => signProof(key, { method: 'POST', url, now: readClock() });

afterEach(() => reset());

const request = (headers: Record<string, string>) => new Request(url, { method: 'POST', headers });

describe('a proof at the token endpoint', () => {
  test('is accepted if it is valid, and absent if there is no header', async () => {
    const proof = await readProof(request({ dpop: await sign() }), env);
    expect(proof).toMatchObject({ ok: true, value: { thumbprint: key.thumbprint } });
    expect(await readProof(request({}), env)).toEqual({ ok: true, value: undefined });
  });

  test.each(['', ' ', 'garbage', 'null'])('is refused if it is %j, not ignored', async (dpop) => {
    expect(await readProof(request({ dpop }), env)).toEqual({
      ok: false,
      error: { code: 'proof_refused', cause: 'proof_malformed' },
    });
  });

  test('is used up once, even by two concurrent requests', async () => {
    const proof = await readProof(request({ dpop: await sign() }), env);
    if (!proof.ok || !proof.value) throw new Error('the proof is not valid');
    const { value } = proof;
    const uses = await Promise.all([useProof(value, env), useProof(value, env)]);
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await useProof(value, env)).toBe(false);
  });
});
