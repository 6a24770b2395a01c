import { createExecutionContext, reset, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import worker from '../../../../deployment/issuer.ts';
import { ADMIN_API, ADMIN_PREFIX, type AdminRoute } from '../../../../src/issuer-api/index.ts';
import { isReading } from '../../../../src/operators/index.ts';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { env, OPERATOR, sha256 } from '../../../storage/dump/scene.ts';

/** The credential of an auditor: it reads, and changes nothing. */
afterEach(() => reset());

const AUDITOR = 'auditor-of-the-test';
const isRead = ({ needs }: AdminRoute) => needs !== 'none' && isReading(needs);
const ROUTES = Object.values(ADMIN_API).flatMap((routes) => Object.entries<AdminRoute>(routes));

async function call({ method, path }: AdminRoute, credential: string, changes = {}) {
  const filled = path.replace(/:\w+/g, `wf_${'A'.repeat(22)}`);
  const audited: IssuerEnv = { ...env, AUDITOR_SHA256: await sha256(AUDITOR), ...changes };
  const request = new Request(`${env.ISSUER}${ADMIN_PREFIX}${filled}`, {
    method,
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    ...(method === 'POST' && { body: '{}' }),
  });
  const context = createExecutionContext();
  const response = await worker.fetch(request as never, audited, context);
  await waitOnExecutionContext(context);
  const text = await response.text();
  return { status: response.status, error: /"error":"(\w+)"/.exec(text)?.[1] };
}

describe('the credential of an auditor', () => {
  test('is accepted by routes that change nothing only', () => {
    for (const [name, route] of ROUTES) {
      const { method, body } = route;
      if (isRead(route)) expect([name, method, body]).toEqual([name, 'GET', undefined]);
    }
    expect(ROUTES.filter(([, route]) => isRead(route)).length).toBeGreaterThan(8);
  });

  test.each(ROUTES)('meets the rule of %s', async (_, route) => {
    const { status, error } = await call(route, AUDITOR);
    if (isRead(route) || route.needs === 'none') expect([401, 403, 500]).not.toContain(status);
    else if (status !== 404) expect([status, error]).toEqual([403, 'not_for_your_role']);
  });

  test('is unknown without the variable, and a wrong one is refused', async () => {
    const { searchAudit } = ADMIN_API.audit;
    expect(await call(searchAudit, AUDITOR, { AUDITOR_SHA256: undefined })).toMatchObject({
      status: 401,
    });
    expect(await call(searchAudit, 'another')).toMatchObject({ status: 401 });
    expect(await call(searchAudit, '')).toMatchObject({ status: 401 });
    expect(await call(searchAudit, OPERATOR)).toMatchObject({ status: 200 });
  });
});
