import { createExecutionContext, evictDurableObject, reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import reports from '../../../policy/reports.datalog';
import tools from '../../../policy/tools.toml';
import { createIssuer, type IssuerEnv } from '../../../workers/issuer/index.ts';
import { archiveOf, transparencyLog } from '../../../workers/issuer/platform/env.ts';
import { env, OPERATOR } from './token.scene.ts';

const POLICY = { 'policy/reports.datalog': reports };
const issuer = createIssuer({ policy: POLICY, catalogue: tools });

async function ask(path: string, of: IssuerEnv, credential?: string, by = issuer) {
  const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
  const request = new Request(`https://issuer.example${path}`, { headers });
  const answer = await by.fetch(request, of, createExecutionContext());
  const text = await answer.text();
  return { status: answer.status, text, body: JSON.parse(text) as unknown };
}

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

test('an issuer without any configuration is alive', async () => {
  expect(await ask('/healthz', {} as IssuerEnv)).toMatchObject({ status: 200 });
});

describe('/readyz of the issuer', () => {
  test('is 200 for a configuration and a policy that load', async () => {
    expect(await ask('/readyz', env)).toMatchObject({
      status: 200,
      body: {
        ready: true,
        checks: [
          { name: 'configuration', ok: true },
          { name: 'policy', ok: true },
          { name: 'audit', ok: true },
        ],
      },
    });
  });

  test('serves without the key of the logs, and says that no one can check them', async () => {
    expect(await ask('/readyz', { ...env, LOG_KEY: undefined } as IssuerEnv)).toMatchObject({
      status: 200,
      body: { checks: [{}, {}, { name: 'audit', ok: false, variable: 'LOG_KEY' }] },
    });
  });

  test('serves while a log is stopped, and says which one', async () => {
    const log = () => transparencyLog(env, 'control');
    const armed = { event: 'rule_armed', at: 1, rule: 'r', actor: 'o', reason: 'x' } as const;
    await log().append([{ ...armed, id: 'r.1' }]);
    await log().round();
    await archiveOf(env, 'control').delete(['tail']);
    await evictDurableObject(log());
    // The log stops, and still appends.
    await log().append([{ ...armed, id: 'r.2' }]);
    const fresh = { ...env } as IssuerEnv;
    expect(await ask('/readyz', fresh, OPERATOR)).toMatchObject({
      status: 200,
      body: {
        checks: [{}, {}, { name: 'audit', ok: false, subject: 'control', reason: 'stopped' }],
      },
    });
    expect((await ask('/admin/v1/status', fresh, OPERATOR)).body).toMatchObject({
      logs: expect.arrayContaining([
        expect.objectContaining({ log: 'control', faults: ['stopped'], stopped: 'lost' }),
        expect.objectContaining({ log: 'root', faults: [] }),
      ]),
    });
    await reset();
  });

  test.each<[string, Partial<Record<keyof IssuerEnv, unknown>>, string]>([
    ['a malformed variable', { AUDIENCES: '["gateway"]' }, 'AUDIENCES'],
    ['a missing secret', { MINT_KEYS: undefined }, 'MINT_KEYS'],
    ['a key that is not one', { FEED_KEY: 'ed25519-private/secret' }, 'FEED_KEY'],
    ['a key of the logs that is the feed key', { LOG_KEY: env.FEED_KEY }, 'LOG_KEY'],
    ['an auditor who is the operator', { AUDITOR_SHA256: env.OPERATOR_SHA256 }, 'AUDITOR_SHA256'],
    ['a retention of no months', { AUDIT_RETENTION: '{"control":0}' }, 'AUDIT_RETENTION'],
    ['an object that is not bound', { APPROVALS: undefined }, 'APPROVALS'],
  ])('names %s, which answers 503 on every route', async (_, change, variable) => {
    const broken = { ...env, ...change } as IssuerEnv;
    const { status, text, body } = await ask('/readyz', broken);
    expect(status).toBe(503);
    expect(body).toMatchObject({ ready: false, checks: [{ ok: false, variable }, { ok: true }] });
    expect(text).not.toContain('secret');
    expect(text).not.toContain('"reason"');
    for (const path of ['/feed/v2/0/head', '/admin/v1/audit', '/.well-known/jwks.json', '/no']) {
      expect(await ask(path, broken)).toMatchObject({
        status: 503,
        body: { error: 'misconfigured' },
      });
    }
  });

  test('gives the reason to the operator alone', async () => {
    const broken = { ...env, MINT_KEYS: '[]' } as IssuerEnv;
    const told = await ask('/readyz', broken, OPERATOR);
    expect(told.body).toMatchObject({
      checks: [{ reason: expect.stringContaining('MINT_KEYS is missing or malformed') }, {}],
    });
    expect((await ask('/readyz', broken, 'another')).text).not.toContain('"reason"');
    const blind = { ...broken, OPERATOR_SHA256: 'none' } as IssuerEnv;
    expect((await ask('/readyz', blind, OPERATOR)).text).not.toContain('"reason"');
  });

  test('names a policy that does not load', async () => {
    const by = createIssuer({ policy: { 'policy/a.datalog': 'allow if (' }, catalogue: tools });
    expect(await ask('/readyz', env, undefined, by)).toMatchObject({
      status: 503,
      body: {
        checks: [
          { ok: true },
          { name: 'policy', ok: false, advice: expect.any(String) },
          { name: 'audit', ok: true },
        ],
      },
    });
  });

  test('limits the requests of a source', async () => {
    const limited = { ...env, RATE_LIMITS: '{"questionShared":2}' } as IssuerEnv;
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await ask('/readyz', limited)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});
