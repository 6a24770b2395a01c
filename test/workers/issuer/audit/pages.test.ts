import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { transparencyLog } from '../../../../workers/issuer/platform/env.ts';
import { admin, fetchIssuer, OPERATOR, objects } from '../../../storage/dump/scene.ts';

/** Reading the trail: in pages of bounded size, and with exact filters only. */
afterEach(() => reset());

/** Records as long as the log takes. */
async function fill(count: number, bytes: number, workflow = `wf_${'A'.repeat(22)}`) {
  const records = Array.from({ length: count }, (_, place) => {
    // Parts below the length that becomes a digest.
    const reasons = Array.from({ length: Math.ceil(bytes / 100) }, () => 'x'.repeat(80));
    return { event: 'rule_armed', id: `r.${place}`, at: place, actor: 'o', reasons, workflow };
  });
  await transparencyLog(objects, 'control').append(records as unknown as AuditRecord[]);
}

interface Page {
  readonly records: readonly { readonly log: string; readonly index: number }[];
  readonly next: string;
  readonly end: boolean;
}

async function readAll(query = ''): Promise<{ indexes: number[]; pages: number }> {
  const indexes: number[] = [];
  let after = '';
  for (let pages = 1; ; pages++) {
    const page = (await admin(`audit?after=${after}${query}`)) as unknown as Page;
    indexes.push(...page.records.map(({ index }) => index));
    if (page.end) return { indexes, pages };
    after = page.next;
  }
}

describe('the audit route', () => {
  test('bounds a page by bytes, however long the records are', async () => {
    await fill(3_000, 3_000);
    const { indexes, pages } = await readAll();
    expect(indexes).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
    expect(pages).toBeGreaterThan(3);
    const one = (await admin(`audit?workflow=wf_${'A'.repeat(22)}`)) as unknown as Page;
    expect(one.records.length).toBeGreaterThan(1);
    expect(one.end).toBe(false);
  });

  test('returns as many records as requested, and at most a thousand', async () => {
    await fill(1_002, 10);
    expect(((await admin('audit?limit=7')) as unknown as Page).records).toHaveLength(7);
    expect(((await admin('audit')) as unknown as Page).records).toHaveLength(1_000);
    for (const limit of ['0', '1001', '-1', '1e2', '', 'x']) {
      expect(await admin(`audit?limit=${limit}`), limit).toMatchObject({
        error: 'invalid_request',
      });
    }
  });
});

const WORKFLOW = `wf_${'A'.repeat(22)}`;
const BLOCK = 'ab'.repeat(64);

describe('a query', () => {
  test.each([
    ['GET', '/admin/v1/audit?agents=x'],
    ['GET', `/admin/v1/audit?workflow=${WORKFLOW}&workflow=${WORKFLOW}`],
    ['GET', '/admin/v1/audit?Workflow=x'],
    ['GET', '/admin/v1/audit?after=control:1&'.concat('cursor=2')],
    ['GET', '/admin/v1/approvals?state=pending'],
    ['GET', '/admin/v1/approvals/apr_x?words'],
    ['GET', `/admin/v1/workflows/${WORKFLOW}?after=1`],
    ['POST', `/admin/v1/workflows/${WORKFLOW}/revoke?wiat=5`],
    ['POST', `/admin/v1/workflows/${WORKFLOW}/suspend?wait=5&wait=6`],
    ['POST', `/admin/v1/workflows/${WORKFLOW}/blocks/${BLOCK}/revoke?reason=x`],
    ['POST', '/admin/v1/watermarks?scope=all'],
    ['GET', '/admin/v1/watermarks?scope=all'],
    ['GET', '/admin/v1/rules?tripped'],
    ['GET', '/admin/v1/streams?status=enabled'],
    ['GET', '/feed/v2/0/head?poled'],
    ['GET', '/feed/v2/0/head?polled&shard=1'],
    ['GET', '/feed/v2/0/1/deltas/0-1?from=2'],
    ['GET', '/feed/v2/0/subscribe?since=1.0&epoch=2'],
    ['GET', '/ssf/v1/stream?stream=x'],
    ['GET', '/ssf/v1/status?stream_id=a&stream_id=b'],
  ])('with a parameter that is not read is refused: %s %s', async (method, path) => {
    const response = await fetchIssuer(`${objects.ISSUER}${path}`, {
      method,
      headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' },
      ...(method === 'POST' && { body: JSON.stringify({ reason: 'x' }) }),
    });
    const { message } = (await response.json()) as { message: string };
    expect([response.status, message]).toEqual([
      400,
      expect.stringContaining('Unknown or repeated query parameter'),
    ]);
  });

  test.each([
    '/admin/v1/audit?after=control:1&limit=2',
    '/admin/v1/approvals?after=0',
    '/feed/v2/0/head',
    '/admin/v1/rules',
  ])('that is read is not: %s', async (path) => {
    const response = await fetchIssuer(`${objects.ISSUER}${path}`, {
      headers: { authorization: `Bearer ${OPERATOR}` },
    });
    expect(response.status).toBe(200);
  });

  test('reveals nothing about the admin routes to a stranger', async () => {
    const response = await fetchIssuer(`${objects.ISSUER}/admin/v1/audit?agent=x`);
    expect(response.status).toBe(401);
  });
});
