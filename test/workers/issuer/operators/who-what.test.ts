import { reset } from 'cloudflare:test';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ADMIN_API, type AdminRoute } from '../../../../src/issuer-api/index.ts';
import { isReading, PERMISSION_NAMES, ROLE_NAMES, ROLES } from '../../../../src/operators/index.ts';
import { idToken, serveKeys } from '../../../storage/dump/idp.ts';
import { obtain } from '../../../storage/dump/scene.ts';
import { as, codeOf, mint, narrowed } from './capability.scene.ts';
import { bearer, ISSUER, login, startProvider, withDirectory } from './scene.ts';

/** Every role with everything, and each limited to an owner that nothing belongs to. */
const variables = withDirectory({
  roles: ROLE_NAMES.flatMap((role) => [
    { role, provider: 'corp', claim: 'sub', values: [role] },
    { role, provider: 'corp', claim: 'sub', values: [`limited-${role}`], owners: ['team-nowhere'] },
    { role, provider: 'corp', claim: 'sub', values: [`owner-${role}`], owners: ['team:growth'] },
  ]),
});

const ROUTES = Object.values(ADMIN_API)
  .flatMap((routes) => Object.entries<AdminRoute>(routes))
  // It ends the session of the caller, which the next route needs.
  .filter(([name]) => name !== 'endSession');

const tokens = new Map<string, string>();
const network = globalThis.fetch;
beforeAll(async () => {
  globalThis.fetch = serveKeys(network);
  startProvider();
  for (const role of ROLE_NAMES) {
    for (const sub of [role, `limited-${role}`, `owner-${role}`]) {
      const opened = (await (await login({ sub }, variables)).json()) as { token: string };
      tokens.set(sub, opened.token);
    }
  }
});
afterAll(async () => {
  vi.restoreAllMocks();
  globalThis.fetch = network;
  await reset();
});

async function ask(sub: string, method: string, path: string, body: object = {}) {
  const sent = method === 'POST' ? { body } : {};
  const answer = await bearer(tokens.get(sub) ?? '', method, path, { variables, ...sent });
  const text = await answer.text();
  return { status: answer.status, error: /"error":"(\w+)"/.exec(text)?.[1] };
}

const unknownIn = (path: string): string => path.replace(/:\w+/g, `wf_${'A'.repeat(22)}`);

describe.each(ROLE_NAMES)('the role %s', (role) => {
  const permissions: readonly string[] = ROLES[role].permissions;

  test('may call exactly the routes whose permission it has', async () => {
    for (const [name, { method, path, needs }] of ROUTES) {
      const { error } = await ask(role, method, unknownIn(path));
      const isAllowed = needs === 'none' || permissions.includes(needs);
      expect([name, error !== 'not_for_your_role']).toEqual([name, isAllowed]);
    }
  });

  test('limited to an owner, may call only what reads, or what is about one owner', async () => {
    for (const [name, { method, path, needs, scoped }] of ROUTES) {
      const { error } = await ask(`limited-${role}`, method, unknownIn(path));
      const isAllowed =
        needs === 'none' || (permissions.includes(needs) && (scoped === true || isReading(needs)));
      expect([name, error !== 'not_for_your_role']).toEqual([name, isAllowed]);
    }
  });
});

/** Everything that an operator capability may be minted for. */
const GRANTABLE = PERMISSION_NAMES.filter((name) => name !== 'delegate');

describe.each(GRANTABLE)('an operator capability for %s', (permission) => {
  test('may call exactly the routes that need this permission', async () => {
    const held = await mint(tokens.get('administrator') ?? '', [{ permission }], variables);
    const whole = await mint(
      tokens.get('administrator') ?? '',
      GRANTABLE.map((each) => ({ permission: each })),
      variables,
    );
    const narrowedTo = await narrowed(whole, { tool: `hewn/admin/${permission}` });
    for (const holder of [held, narrowedTo]) {
      for (const [name, { method, path, needs }] of ROUTES) {
        const sent = { variables, ...(method === 'POST' && { body: {} }) };
        const answer = await codeOf(await as(holder, method, unknownIn(path), sent));
        const isAllowed = needs === 'none' || needs === permission;
        expect([name, answer.includes('not_for_your_role')]).toEqual([name, !isAllowed]);
        expect([name, answer]).not.toEqual([name, '401 unauthorized']);
      }
    }
  });

  test('limited to an owner, may call only what is about that owner', async () => {
    const grants = [{ permission, owners: ['team-nowhere'] }];
    const held = await mint(tokens.get('administrator') ?? '', grants, variables);
    for (const [name, { method, path, needs, scoped }] of ROUTES) {
      const sent = { variables, ...(method === 'POST' && { body: {} }) };
      const answer = await codeOf(await as(held, method, unknownIn(path), sent));
      const isAllowed =
        needs === 'none' || (needs === permission && scoped === true && !isReading(needs));
      expect([name, answer.includes('not_for_your_role')]).toEqual([name, !isAllowed]);
    }
  });
});

describe('an order about one owner', () => {
  const reason = 'incident 7';

  test('stops a workflow of that owner, and of no other', async () => {
    const { workflow } = await obtain();
    for (const [act, role] of [
      ['suspend', 'responder'],
      ['resume', 'administrator'],
      ['revoke', 'responder'],
    ] as const) {
      const path = `/workflows/${workflow}/${act}`;
      expect(await ask(`limited-${role}`, 'POST', path, { reason })).toMatchObject({
        status: 403,
        error: 'not_for_your_role',
      });
      expect([act, (await ask(`owner-${role}`, 'POST', path, { reason })).status]).toEqual([
        act,
        200,
      ]);
    }
  });

  test('denies that owner, and neither another nor an agent', async () => {
    const deny = (sub: string, scope: string, value: string) =>
      ask(sub, 'POST', '/denials', { scope, value, reason, even_unknown: true });
    expect(await deny('limited-responder', 'owner', 'team-nowhere')).toMatchObject({ status: 200 });
    for (const [scope, value] of [
      ['owner', 'team-growth'],
      ['agent', 'https://idp.example#report-agent'],
      ['tool', 'mcp/files/write_file'],
    ] as const) {
      expect(await deny('limited-responder', scope, value)).toMatchObject({ status: 403 });
    }
    const watermark = { scope: 'all', reason };
    expect(await ask('limited-responder', 'POST', '/watermarks', watermark)).toMatchObject({
      status: 403,
    });
  });

  test('of a responder opens nothing that the responder stopped', async () => {
    const lift = { scope: 'owner', value: 'team-nowhere', reason };
    expect(await ask('limited-responder', 'POST', '/denials/lift', lift)).toMatchObject({
      status: 403,
    });
    expect(await ask('responder', 'POST', '/denials/lift', lift)).toMatchObject({ status: 403 });
    expect(await ask('limited-administrator', 'POST', '/denials/lift', lift)).toMatchObject({
      status: 200,
    });
  });
});

describe('a token of a workload', () => {
  test('is no operator: neither its capability nor its identity token', async () => {
    const { token } = await obtain({ task: 'another report' });
    const jwt = await idToken('alice', ISSUER);
    for (const [name, { method, path }] of ROUTES) {
      for (const proof of [String(token), jwt]) {
        const answer = await bearer(proof, method, unknownIn(path), { variables });
        expect([name, answer.status]).toEqual([name, 401]);
      }
    }
  });
});
