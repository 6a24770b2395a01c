import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import { createDpopKey, signProof } from '../../../src/dpop/index.ts';
import type { Identity } from '../../../src/identity/index.ts';
import { loadPolicy } from '../../../src/policy/index.ts';
import { type IssuerEnv, readConfig } from '../../../workers/issuer/platform/config.ts';
import { mintCapability } from '../../../workers/issuer/token/mint.ts';
import { readProof, useProof } from '../../../workers/issuer/token/proof.ts';
import { toWire } from '../../../workers/issuer/token/refusal.ts';

const env = untyped as unknown as IssuerEnv;
const key = await createDpopKey();
const url = `${env.ISSUER}/token`;
const sign = () => signProof(key, { method: 'POST', url, now: Date.now() });

afterEach(() => reset());

const request = (headers: Record<string, string>) => new Request(url, { method: 'POST', headers });

describe('a proof at the token endpoint', () => {
  test('is taken where it is good, and absent where there is no header', async () => {
    const proof = await readProof(request({ dpop: await sign() }), env);
    expect(proof).toMatchObject({ ok: true, value: { thumbprint: key.thumbprint } });
    expect(await readProof(request({}), env)).toEqual({ ok: true, value: undefined });
  });

  test.each(['', ' ', 'garbage', 'null'])('that is %j is never none supplied', async (dpop) => {
    expect(await readProof(request({ dpop }), env)).toEqual({
      ok: false,
      error: { code: 'proof_refused', cause: 'proof_malformed' },
    });
  });

  test('is used up once, also by two requests at the same time', async () => {
    const proof = await readProof(request({ dpop: await sign() }), env);
    if (!proof.ok || !proof.value) throw new Error('the proof does not hold');
    const { value } = proof;
    const uses = await Promise.all([useProof(value, env), useProof(value, env)]);
    expect(uses.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await useProof(value, env)).toMatchObject({ error: { cause: 'replayed' } });
  });
});

describe('a policy that requires a holder', () => {
  const source = `
    owner("team"); max_lifetime(300); require_holder(true) <- action("write"); allow if true;
    open_sink("", "nobody has described the tool");`;
  const policy = loadPolicy([{ name: 'test.datalog', source }], new Map());
  const identity = (subject: string): Identity => ({
    issuerName: 'idp',
    issuer: 'https://idp.example',
    subject,
    claims: {},
    qualified: `https://idp.example#${subject}`,
    expires: new Date(Date.now() + 600_000),
  });
  const mint = (action: 'read' | 'write', holder?: string) => {
    if (!policy.ok) throw new Error(JSON.stringify(policy.error));
    return mintCapability({
      config: readConfig(env),
      policy: policy.value,
      above: [],
      workflow: 'wf_1',
      now: Date.now(),
      user: identity('alice'),
      workload: identity('agent'),
      request: {
        subjectToken: '',
        actorToken: '',
        audience: 'https://gateway.example',
        task: 't',
        grants: [{ tool: 'crm.search', action, dataset: 'crm' }],
      },
      ...(holder !== undefined && { holder }),
    });
  };

  test('gets no capability for whoever has the token', () => {
    const refused = mint('write');
    expect(refused).toEqual({ ok: false, error: { code: 'holder_required' } });
    expect(toWire({ code: 'holder_required' })).toMatchObject({
      status: 400,
      error: 'invalid_request',
    });
  });

  test('gets one for the key that was proven, and says so in the record', () => {
    expect(mint('write', key.thumbprint)).toMatchObject({
      ok: true,
      value: { record: { holder: key.thumbprint } },
    });
  });

  test('for some grants leaves the others unbound', () => {
    const minted = mint('read');
    expect(minted.ok && 'holder' in minted.value.record).toBe(false);
    expect(minted.ok).toBe(true);
  });
});
