import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkConsent,
  createIdentity,
  type Identity,
  type OidcIssuer,
} from '../../../src/identity/index.ts';
import { claimsFor, NOW, type Provider, startProvider } from './provider.ts';

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

async function identityOf(claims: object, config: Partial<OidcIssuer> = {}): Promise<Identity> {
  const issuer = { ...provider.issuer, ...config };
  const jwt = await provider.sign({ ...claimsFor(provider.issuer), ...claims });
  const result = await createIdentity([issuer], { now: () => NOW }).verify(jwt);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

const agent = () => identityOf({ sub: 'report-agent' });
const FOREIGN: Identity = {
  issuerName: 'github',
  issuer: 'https://ci.example',
  subject: 'report-agent',
  qualified: 'https://ci.example#report-agent',
  claims: {},
};
const SVID: Identity = {
  issuerName: 'acme',
  issuer: 'spiffe://acme.example',
  claims: {},
  subject: 'spiffe://acme.example/a',
  qualified: 'spiffe://acme.example/a',
};

const verdict = async (user: object, actor?: Identity, config: Partial<OidcIssuer> = {}) => {
  const consent = checkConsent(
    await identityOf({ sub: 'alice', ...user }, config),
    actor ?? (await agent()),
  );
  return consent.ok ? 'consented' : consent.error.cause;
};

describe('may_act', () => {
  test('names a subject of the same issuer', async () => {
    expect(await verdict({ may_act: { sub: 'report-agent' } })).toBe('consented');
  });

  test('names a subject of another issuer, with iss', async () => {
    const may_act = { sub: 'report-agent', iss: 'https://ci.example' };
    expect(await verdict({ may_act }, FOREIGN)).toBe('consented');
    expect(await verdict({ may_act })).toBe('other_actor');
  });

  test('names an agent by its qualified name', async () => {
    expect(await verdict({ may_act: { sub: SVID.qualified } }, SVID)).toBe('consented');
    expect(await verdict({ may_act: { sub: FOREIGN.qualified } }, FOREIGN)).toBe('consented');
  });

  test("another issuer's subject of the same name is another agent", async () => {
    expect(await verdict({ may_act: { sub: 'report-agent' } }, FOREIGN)).toBe('other_actor');
  });

  test('takes precedence: the list of the operator adds nothing to it', async () => {
    const allowedActors = [FOREIGN.qualified];
    const may_act = { sub: 'someone-else' };
    expect(await verdict({ may_act }, FOREIGN, { allowedActors })).toBe('other_actor');
  });

  test.each([null, 'report-agent', [], {}, { sub: 7 }, { sub: '' }, { sub: 'a', iss: 7 }])(
    'rejects a token whose may_act is malformed: %j',
    async (may_act) => {
      await expect(identityOf({ may_act })).rejects.toThrow('claims_invalid');
    },
  );
});

describe('allowed actors', () => {
  test('rejects a token without consent, which the weakest agent could otherwise use', async () => {
    expect(await verdict({})).toBe('no_actor');
  });

  test('lets the agents act that the operator listed by their qualified names', async () => {
    const allowedActors = [`${provider.issuer.issuer}#report-agent`, SVID.qualified];
    expect(await verdict({}, undefined, { allowedActors })).toBe('consented');
    expect(await verdict({}, SVID, { allowedActors })).toBe('consented');
    expect(await verdict({}, FOREIGN, { allowedActors })).toBe('other_actor');
    expect(await verdict({}, undefined, { allowedActors: ['report-agent'] })).toBe('other_actor');
  });
});

describe('act', () => {
  const nested = (depth: number): object =>
    depth === 0
      ? {}
      : { act: { sub: `a${depth}`, iss: 'https://b.example', ...nested(depth - 1) } };

  test('is recorded newest first, and gives no consent', async () => {
    const user = await identityOf({ sub: 'alice', act: { sub: 'report-agent', ...nested(1) } });
    expect(user.actors).toEqual(['report-agent', 'https://b.example#a1']);
    expect(checkConsent(user, await agent()).ok).toBe(false);
    expect(user.qualified).toBe(`${provider.issuer.issuer}#alice`);
  });

  test('is truncated if it is deep, long or unreadable', async () => {
    expect((await identityOf(nested(50))).actors).toHaveLength(8);
    const { actors = [] } = await identityOf({ act: { sub: `\u202e\n${'x'.repeat(2_000)}` } });
    expect(actors[0]).toMatch(/^\ufffd\ufffdx{510}$/);
    expect((await identityOf({ act: 'x' })).actors).toBeUndefined();
  });
});
