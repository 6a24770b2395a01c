import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appendHop } from '../../../../src/capability/index.ts';
import { createDpopKey, signProof } from '../../../../src/dpop/index.ts';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { serveKeys } from '../../../storage/dump/idp.ts';
import { admin, obtain } from '../../../storage/dump/scene.ts';
import { readMerged } from '../merged.ts';
import { as, codeOf, type Held, mint, narrowed, orderOf } from './capability.scene.ts';
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

const GROWTH = 'team:growth';
const reason = 'incident 7';
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
const person = (sub: string, variables?: IssuerEnv) => tokenOf({ sub }, variables);
const records = async () => (await readMerged(env, { after: 0 })).map(({ record }) => record);

/** The example of the guide: revoke workflows of team growth until then, and nothing else. */
async function nightShift(): Promise<Held & { readonly id: string }> {
  const all = await mint(await person('olivia'), [
    { permission: 'revoke' },
    { permission: 'suspend' },
    { permission: 'read' },
  ]);
  const held = await narrowed(all, {
    tool: 'hewn/admin/revoke',
    dataset: 'owners/team~3A~growth',
    expires: inHours(0.5),
  });
  return { ...held, id: all.id };
}

describe('an operator capability that was narrowed to one owner and one permission', () => {
  test('revokes a workflow of that owner, and the record names its maker and its chain', async () => {
    const held = await nightShift();
    const next = await createDpopKey();
    const handed = await appendHop(
      held.token,
      held.key as never,
      { to: next.thumbprint, name: 'pager' },
      { tool: 'hewn/admin/revoke' },
    );
    if (!handed.ok) throw new Error(handed.error.code);
    const { workflow } = await obtain();
    // The first holder gave it away: its key proves nothing any more.
    const stale = { token: handed.value, key: held.key };
    expect(await codeOf(await as(stale, 'POST', `/workflows/${workflow}/revoke`))).toBe(
      '401 unauthorized',
    );
    const pager = { token: handed.value, key: next };
    const revoked = await as(pager, 'POST', `/workflows/${workflow}/revoke`, { body: { reason } });
    expect(revoked.status).toBe(200);
    const record = (await records()).find(({ event }) => event === 'revocation');
    expect(record).toMatchObject({
      actor: 'corp#olivia',
      reason,
      via: {
        source: 'api',
        capability: {
          id: held.id,
          hops: [{ by: held.key.thumbprint, to: next.thumbprint, name: 'pager' }],
        },
      },
    });
    const { via } = record as unknown as { via: { capability: { blocks: string[] } } };
    expect(via.capability.blocks).toHaveLength(3);
    expect(JSON.stringify(record)).not.toContain(handed.value);
  });

  test('does nothing else: no other owner, no other permission, no list', async () => {
    const held = await nightShift();
    const { workflow } = await obtain();
    const ordered = async (method: string, path: string, body?: object) =>
      codeOf(await as(held, method, path, body && { body }));
    const refused = '403 not_for_your_role';
    expect(await ordered('POST', `/workflows/${workflow}/suspend`, { reason })).toBe(refused);
    const deny = { scope: 'owner', value: GROWTH, reason };
    expect(await ordered('POST', '/denials', deny)).toBe(refused);
    expect(await ordered('GET', '/workflows')).toBe(refused);
    expect(await ordered('GET', `/workflows/${workflow}`)).toBe(refused);
    expect(await ordered('POST', '/capabilities', orderOf(held.key, []))).toBe(refused);
    const other = await narrowed(held, { dataset: 'owners/team~3A~growth/sub' });
    const path = `/workflows/${workflow}/revoke`;
    expect(await codeOf(await as(other, 'POST', path, { body: { reason } }))).toBe(refused);
    expect((await as(held, 'POST', path, { body: { reason } })).status).toBe(200);
  });

  test('learns nothing of workflows of others from an order by filters', async () => {
    const { workflow } = await obtain();
    const all = await mint(await person('olivia'), [{ permission: 'revoke' }]);
    const foreign = await narrowed(all, { dataset: 'owners/team-nowhere' });
    const body = { reason, selector: { owner: GROWTH }, dry_run: true };
    const hidden = await as(foreign, 'POST', '/workflows/revoke', { body });
    expect(await hidden.json()).toMatchObject({ matched: [], skipped: [], done: [] });
    const shown = await as(all, 'POST', '/workflows/revoke', { body });
    expect(await shown.json()).toMatchObject({ matched: [{ id: workflow }] });
  });

  test('ends at the time that a holder narrowed it to', async () => {
    const all = await mint(await person('olivia'), [{ permission: 'read' }]);
    const short = await narrowed(all, { expires: new Date(Date.now() + 1_500) });
    expect((await as(short, 'GET', '/workflows')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await codeOf(await as(short, 'GET', '/workflows'))).toBe('401 unauthorized');
    expect((await as(all, 'GET', '/workflows')).status).toBe(200);
  });
});

describe('the reading of an operator capability', () => {
  test('that is limited to an owner shows the workflows of that owner alone', async () => {
    const { workflow } = await obtain();
    const olivia = await person('olivia');
    const growth = await mint(olivia, [{ permission: 'read', owners: [GROWTH] }]);
    const other = await mint(olivia, [{ permission: 'read', owners: ['team-nowhere'] }]);
    const read = async (held: Held, path: string) => codeOf(await as(held, 'GET', path));
    expect(await read(growth, `/workflows?owner=${GROWTH}`)).toBe('200');
    expect(await read(growth, `/workflows/${workflow}`)).toBe('200');
    expect(await read(growth, `/workflows/${workflow}/records`)).toBe('200');
    const refused = '403 not_for_your_role';
    for (const path of ['/workflows', '/agents', '/approvals', '/health', '/changes']) {
      expect([path, await read(growth, path)]).toEqual([path, refused]);
    }
    const twice = `/workflows?owner=${GROWTH}&owner=team-nowhere`;
    expect(['400 invalid_request', refused]).toContain(await read(growth, twice));
    expect(await read(other, `/workflows?owner=${GROWTH}`)).toBe(refused);
    expect(await read(other, `/workflows/${workflow}`)).toBe(refused);
  });
});

describe('the proof of an operator capability', () => {
  test('is for this key, this request and one use', async () => {
    const held = await mint(await person('olivia'), [{ permission: 'read' }]);
    const answered = async (sent: Parameters<typeof as>[3], by: Held = held) =>
      codeOf(await as(by, 'GET', '/workflows', sent));
    expect(await answered({})).toBe('200');
    const unauthorized = '401 unauthorized';
    expect(await answered({}, { ...held, key: await createDpopKey() })).toBe(unauthorized);
    expect(await answered({ headers: { dpop: null } })).toBe(unauthorized);
    const plain = { authorization: `Bearer ${held.token}` };
    expect(await answered({ headers: plain })).toBe(unauthorized);
    expect(await answered({ headers: { ...plain, dpop: null } })).toBe(unauthorized);
    const url = `${ISSUER}/admin/v1/workflows`;
    const dpop = await signProof(held.key, {
      method: 'GET',
      url,
      now: Date.now(),
      token: held.token,
    });
    expect(await answered({ headers: { dpop } })).toBe('200');
    expect(await answered({ headers: { dpop } })).toBe(unauthorized);
    for (const other of [
      { method: 'POST', url },
      { method: 'GET', url: `${ISSUER}/admin/v1/health` },
      { method: 'GET', url: 'https://elsewhere.example/admin/v1/workflows' },
    ]) {
      const wrong = await signProof(held.key, { ...other, now: Date.now(), token: held.token });
      expect(await answered({ headers: { dpop: wrong } })).toBe(unauthorized);
    }
    const { token } = await narrowed(held, { tool: 'hewn/admin/read' });
    const ofOther = await signProof(held.key, { method: 'GET', url, now: Date.now(), token });
    expect(await answered({ headers: { dpop: ofOther } })).toBe(unauthorized);
  });

  test('needs the nonce of the issuer where it asks for one', async () => {
    const variables = { ...env, DPOP_NONCE_SECRET: 'ab'.repeat(32) };
    const held = await mint(await person('olivia', variables), [{ permission: 'read' }], variables);
    const first = await as(held, 'GET', '/workflows', { variables });
    expect(first.headers.get('www-authenticate')).toContain('use_dpop_nonce');
    const nonce = first.headers.get('dpop-nonce') ?? '';
    expect(await codeOf(first)).toBe('401 nonce_required');
    expect((await as(held, 'GET', '/workflows', { variables, nonce })).status).toBe(200);
  });
});

describe('an operator capability is void', () => {
  const isRefused = async (held: Held, variables?: IssuerEnv) =>
    codeOf(await as(held, 'GET', '/workflows', variables && { variables }));

  test('as soon as its maker stops it, with what was narrowed from it', async () => {
    const olivia = await person('olivia');
    const held = await mint(olivia, [{ permission: 'read' }]);
    const part = await narrowed(held, { tool: 'hewn/admin/read' });
    const kept = await mint(olivia, [{ permission: 'read' }]);
    const stop = (session: string, body: object = { reason }) =>
      bearer(session, 'POST', `/capabilities/${held.id}/stop`, { body });
    const stranger = await tokenOf({ sub: 'vera', groups: ['staff'] });
    expect(await codeOf(await stop(stranger))).toBe('403 not_for_your_role');
    const unknown = `/capabilities/opc_${'A'.repeat(22)}/stop`;
    expect(await codeOf(await bearer(olivia, 'POST', unknown, { body: { reason } }))).toBe(
      '404 capability_unknown',
    );
    expect(await (await stop(olivia)).json()).toEqual({ id: held.id, stopped: true });
    expect(await (await stop(olivia)).json()).toEqual({ id: held.id, stopped: false });
    expect(await isRefused(held)).toBe('401 unauthorized');
    expect(await isRefused(part)).toBe('401 unauthorized');
    expect(await isRefused(kept)).toBe('200');
    expect(await records()).toContainEqual(
      expect.objectContaining({
        change: 'capability_stopped',
        actor: 'corp#olivia',
        capability: held.id,
        block: held.block,
        reason,
      }),
    );
  });

  test('when a holder gives a part up, which leaves the rest alone', async () => {
    const held = await mint(await person('olivia'), [{ permission: 'read' }]);
    const part = await narrowed(held, { tool: 'hewn/admin/read' });
    const body = new URLSearchParams({ token: part.token });
    expect((await ask('/revoke', { method: 'POST', body })).status).toBe(200);
    expect(await isRefused(part)).toBe('401 unauthorized');
    expect(await isRefused(held)).toBe('200');
  });

  test('when holders gave up too many parts, a further one is refused and stops nothing', async () => {
    const held = await mint(await person('olivia'), [{ permission: 'read' }]);
    const statuses: number[] = [];
    for (let index = 0; index < 33; index++) {
      const part = await narrowed(held, { expires: inHours(0.5 + index / 100) });
      const body = new URLSearchParams({ token: part.token });
      statuses.push((await ask('/revoke', { method: 'POST', body })).status);
    }
    expect(statuses.slice(0, 32).every((status) => status === 200)).toBe(true);
    expect(statuses[32]).not.toBe(200);
    expect(await isRefused(held)).toBe('200');
  });

  test('when the sessions of its maker are ended by another', async () => {
    const olivia = await person('olivia');
    const held = await mint(olivia, [{ permission: 'read' }]);
    const otto = await person('otto');
    const body = { name: 'corp#olivia', reason: 'the laptop was stolen' };
    const ended = await bearer(otto, 'POST', '/sessions/end', { body });
    expect(await ended.json()).toEqual({ name: 'corp#olivia', sessions: 1, capabilities: 1 });
    expect(await isRefused(held)).toBe('401 unauthorized');
    expect((await bearer(olivia, 'GET', '/session')).status).toBe(401);
    const listed = (await (await bearer(otto, 'GET', '/sessions')).json()) as object;
    expect(listed).toMatchObject({ sessions: [{ name: 'corp#otto', source: 'cli', own: true }] });
    expect(await records()).toContainEqual(
      expect.objectContaining({
        change: 'session_ended',
        actor: 'corp#otto',
        person: 'corp#olivia',
        reason: 'the laptop was stolen',
      }),
    );
  });

  test('for what its maker may no longer do, and when the provider of its maker is gone', async () => {
    const held = await mint(await person('olivia'), [
      { permission: 'read' },
      { permission: 'revoke' },
    ]);
    const viewer = [{ role: 'viewer', provider: 'corp', claim: 'sub', values: ['olivia'] }];
    const demoted = withDirectory({ roles: viewer });
    expect(await isRefused(held, demoted)).toBe('200');
    const sent = { body: { reason }, variables: demoted };
    const path = `/workflows/wf_${'A'.repeat(22)}/revoke`;
    expect(await codeOf(await as(held, 'POST', path, sent))).toBe('403 not_for_your_role');
    const moved = withDirectory({
      providers: { other: { issuer: 'https://other.example', clientId: 'hewn' } },
      roles: [{ role: 'administrator', provider: 'other', claim: 'sub', values: ['olivia'] }],
    });
    expect(await isRefused(held, moved)).toBe('401 unauthorized');
  });

  test('when the credential that made it is replaced', async () => {
    const key = await createDpopKey();
    const minted = await admin('capabilities', orderOf(key, [{ permission: 'read' }]));
    const held = { token: String(minted.token), key };
    expect(await isRefused(held)).toBe('200');
    const replaced = { ...env, OPERATOR_SHA256: 'c0'.repeat(32) };
    expect(await isRefused(held, replaced)).toBe('401 unauthorized');
  });
});
