import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { writeAuthority } from '../../../../src/capability/index.ts';
import { createDpopKey } from '../../../../src/dpop/index.ts';
import { readConfig } from '../../../../workers/issuer/platform/config.ts';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { signerOf } from '../../../../workers/issuer/token/signer.ts';
import { serveKeys } from '../../../storage/dump/idp.ts';
import { OPERATOR } from '../../../storage/dump/scene.ts';
import { readMerged } from '../merged.ts';
import { as, codeOf, type Grant, mint, narrowed, orderOf } from './capability.scene.ts';
import { ask, bearer, env, ISSUER, startProvider, tokenOf, withDirectory } from './scene.ts';

const network = globalThis.fetch;
beforeEach(() => {
  globalThis.fetch = serveKeys(network);
  startProvider();
});
afterEach(async () => {
  vi.restoreAllMocks();
  globalThis.fetch = network;
  await reset();
});

const key = await createDpopKey();
const refused = '403 not_for_your_role';

async function order(session: string, grants: readonly Grant[], change: object = {}) {
  const body = { ...orderOf(key, grants), ...change };
  return codeOf(await bearer(session, 'POST', '/capabilities', { body }));
}

describe('an operator', () => {
  test('passes on what they may, and nothing more', async () => {
    const groups = ['growth-sre'];
    const limited = await tokenOf({ sub: 'gus', groups });
    const owners = ['team-growth'];
    expect(await order(limited, [{ permission: 'revoke', owners }])).toBe('201');
    expect(await order(limited, [{ permission: 'revoke', owners, tools: ['mcp/files/*'] }])).toBe(
      '201',
    );
    for (const grant of [
      { permission: 'revoke' },
      { permission: 'revoke', owners: ['team-growth', 'team-sales'] },
      { permission: 'revoke', tools: ['mcp/files/read'] },
      { permission: 'resume', owners },
    ]) {
      expect([grant, await order(limited, [grant])]).toEqual([grant, refused]);
    }
    const viewer = await tokenOf({ sub: 'vera', groups: ['staff'] });
    expect(await order(viewer, [{ permission: 'read' }])).toBe(refused);
    const mixed = [{ permission: 'revoke', owners }, { permission: 'keys' }];
    expect(await order(limited, mixed)).toBe(refused);
  });

  test('passes on no power to mint, for no longer than twelve hours, and to a key alone', async () => {
    const olivia = await tokenOf({ sub: 'olivia' });
    const invalid = '400 invalid_request';
    const read = [{ permission: 'read' }];
    expect(await order(olivia, [{ permission: 'delegate' }])).toBe(invalid);
    expect(await order(olivia, [...read, ...read])).toBe(invalid);
    expect(await order(olivia, [])).toBe(invalid);
    expect(await order(olivia, read, { holder: 'not-a-thumbprint' })).toBe(invalid);
    expect(await order(olivia, read, { holder: undefined })).toBe(invalid);
    const now = Math.floor(Date.now() / 1_000);
    expect(await order(olivia, read, { ends_at: now + 12 * 3_600 + 60 })).toBe(invalid);
    expect(await order(olivia, read, { ends_at: now - 1 })).toBe(invalid);
    const many = Array.from({ length: 17 }, (_, index) => `team-${index}`);
    expect(await order(olivia, [{ permission: 'read', owners: many }])).toBe(invalid);
    const patterns = ['a/*', 'b/*', 'c/*', 'd/*'];
    expect(await order(olivia, [{ permission: 'deny', tools: patterns }])).toBe(invalid);
    const long = Array.from({ length: 16 }, (_, index) => `${index}${'x'.repeat(500)}`);
    expect(await order(olivia, [{ permission: 'read', owners: long }])).toBe(invalid);
  });

  test('sees capabilities in a list that has no token, and in the log before it is theirs', async () => {
    const olivia = await tokenOf({ sub: 'olivia' });
    const grants = [{ permission: 'deny', tools: ['mcp/files/*'] }];
    const held = await mint(olivia, grants);
    const text = await (await bearer(olivia, 'GET', '/capabilities')).text();
    expect(JSON.parse(text)).toMatchObject({
      capabilities: [{ id: held.id, by: 'corp#olivia', grants, stopped: false }],
    });
    expect(text).not.toContain(held.token.slice(0, 64));
    const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
    expect(records).toContainEqual(
      expect.objectContaining({
        change: 'capability_minted',
        actor: 'corp#olivia',
        capability: held.id,
        grants,
        holder: held.key.thumbprint,
        reason: 'night shift of team growth',
      }),
    );
    expect(JSON.stringify(records)).not.toContain(held.token.slice(0, 64));
  });

  test('may have 64 of them, and no more', async () => {
    const olivia = await tokenOf({ sub: 'olivia' });
    const statuses: string[] = [];
    for (let index = 0; index < 65; index++) {
      statuses.push(await order(olivia, [{ permission: 'read' }]));
    }
    expect(new Set(statuses.slice(0, 64))).toEqual(new Set(['201']));
    expect(statuses[64]).toBe('409 capabilities_full');
  });

  test('limits one to tools, and an order about another tool is refused', async () => {
    const olivia = await tokenOf({ sub: 'olivia' });
    const tools = ['mcp/files/*', 'crm.search'];
    const held = await mint(olivia, [{ permission: 'deny', tools }]);
    const deny = async (scope: string, value: string) =>
      codeOf(
        await as(held, 'POST', '/denials', {
          body: { scope, value, reason: 'incident 7', even_unknown: true },
        }),
      );
    expect(await deny('tool', 'mcp/files/write_file')).toBe('200');
    expect(await deny('tool', 'crm.search')).toBe('200');
    expect(await deny('tool', 'mcp/other/write_file')).toBe(refused);
    expect(await deny('owner', 'team-growth')).toBe(refused);
  });
});

describe('where two people are required', () => {
  test('a capability opens nothing, confirms nothing and withdraws nothing', async () => {
    const variables: IssuerEnv = withDirectory({ twoPeople: ['resume', 'lift'] });
    const olivia = await tokenOf({ sub: 'olivia' }, variables);
    const all = ['resume', 'lift', 'read', 'deny'].map((permission) => ({ permission }));
    const held = await mint(olivia, all, variables);
    const denial = { scope: 'owner', value: 'team-growth', reason: 'incident 7' };
    const stop = { body: { ...denial, even_unknown: true }, variables };
    expect((await as(held, 'POST', '/denials', stop)).status).toBe(200);
    const lift = { body: denial, variables };
    expect(await codeOf(await as(held, 'POST', '/denials/lift', lift))).toBe(refused);
    const proposed = await bearer(olivia, 'POST', '/denials/lift', lift);
    const { proposal } = (await proposed.json()) as { proposal: { id: string; digest: string } };
    const path = `/proposals/${proposal.id}`;
    const body = { digest: proposal.digest, reason: 'I agree' };
    expect(await codeOf(await as(held, 'POST', path, { body, variables }))).toBe('403 same_person');
    const other = await mint(olivia, [{ permission: 'read' }], variables);
    expect(await codeOf(await as(other, 'DELETE', path, { variables }))).toBe(refused);
  });

  test('minting may be one of those orders, and both people must be allowed to', async () => {
    const variables: IssuerEnv = withDirectory({ twoPeople: ['delegate'] });
    const olivia = await tokenOf({ sub: 'olivia' }, variables);
    const sre = await tokenOf({ sub: 'sam', groups: ['sre'] }, variables);
    const body = orderOf(key, [{ permission: 'resume' }]);
    const proposed = await bearer(olivia, 'POST', '/capabilities', { body, variables });
    expect(proposed.status).toBe(202);
    const { proposal } = (await proposed.json()) as { proposal: { id: string; digest: string } };
    const path = `/proposals/${proposal.id}`;
    const confirm = { body: { digest: proposal.digest, reason: 'I agree' }, variables };
    expect(await codeOf(await bearer(sre, 'POST', path, confirm))).toBe(refused);
  });
});

describe('a token for the audience of the admin API', () => {
  const authority = {
    issuer: ISSUER,
    workflow: `opc_${'A'.repeat(22)}`,
    agent: 'https://idp.example#report-agent',
    subject: 'corp#olivia',
    owner: 'team:growth',
    task: 'report',
    gen: 1,
    issuedAt: new Date(),
    audience: `${ISSUER}/admin`,
    ancestors: [],
    holder: key.thumbprint,
    grants: [{ tool: 'hewn/admin/read', action: 'read', dataset: 'owners' }],
  } as const;

  test('counts for nothing unless this API minted it', async () => {
    const written = writeAuthority(authority, new Date(Date.now() + 60_000));
    if (!written.ok) throw new Error(written.error.code);
    const { token } = await signerOf(readConfig(env)).sign(written.value);
    const answer = await as({ token, key }, 'GET', '/workflows');
    expect(await codeOf(answer)).toBe('401 unauthorized');
  });

  test('cannot be asked for by a workload, because no configuration may have the audience', () => {
    const AUDIENCES = JSON.stringify([`${ISSUER}/admin`]);
    expect(() => readConfig({ ...env, AUDIENCES })).toThrow('AUDIENCES');
  });

  test('is refused by every other route of the issuer', async () => {
    const held = await mint(await tokenOf({ sub: 'olivia' }), [{ permission: 'revoke' }]);
    const part = await narrowed(held, { tool: 'hewn/admin/revoke' });
    for (const { token } of [held, part]) {
      const form = { method: 'POST', body: new URLSearchParams({ token }) };
      const headers = { authorization: `Bearer ${OPERATOR}` };
      const introspected = await ask('/introspect', { ...form, headers });
      expect(await introspected.json()).toEqual({ active: false });
      for (const ending of ['complete', 'fail']) {
        const path = `/workflows/${held.id}/${ending}`;
        const sent = { method: 'POST', headers: { authorization: `DPoP ${token}` } };
        expect((await ask(path, sent)).ok).toBe(false);
      }
    }
  });
});
