import { describe, expect, test, vi } from 'vitest';
import { readCredentials } from '../../../../src/verifier/index.ts';
import { mintToken } from '../../fixtures/issuer.ts';
import { codeOf, protectionWith, recorder, requestTo, SEARCH } from './protected.ts';

const token = mintToken();
const route = { ...SEARCH, dataset: 'crm/contacts' };
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('the recorder of a protection', () => {
  test('opens a record before the handler runs, closes it after, and is flushed', async () => {
    const records = recorder();
    const handler = protectionWith({ records }).fetch(route, () => {
      expect(records.told.map(({ what }) => what)).toEqual(['open']);
      return new Response(null, { status: 204 });
    });
    await handler(requestTo('/?limit=3', { token }));
    await settled();
    expect(records.told).toMatchObject([
      { what: 'open', decision: { allowed: true }, facts: { method: 'GET', args: { limit: '3' } } },
      { what: 'close', outcome: { status: 204, threw: false } },
      { what: 'flush' },
    ]);
  });

  test('learns that a handler threw, which the caller of the handler sees', async () => {
    const records = recorder();
    const handler = protectionWith({ records }).fetch(route, () => {
      throw new Error('from the handler');
    });
    await expect(handler(requestTo('/', { token }))).rejects.toThrow('from the handler');
    await settled();
    expect(records.told).toMatchObject([
      { what: 'open' },
      { what: 'close', outcome: { status: 500, threw: true } },
      { what: 'flush' },
    ]);
  });

  test('keeps a call from being made that it cannot charge, with its own answer', async () => {
    const refusal = {
      code: 'ledger_unavailable',
      status: 503,
      error: 'temporarily_unavailable',
      message: 'Not now.',
    } as const;
    const handle = vi.fn(() => new Response());
    const handler = protectionWith({ records: recorder(refusal) }).fetch(route, handle);
    const response = await handler(requestTo('/', { token }));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await codeOf(response)).toBe('ledger_unavailable');
    expect(handle).not.toHaveBeenCalled();
  });

  test('learns of a denial, with the tool of the route', async () => {
    const records = recorder();
    const handler = protectionWith({ records }).fetch(route, () => new Response());
    await handler(requestTo('/', { method: 'DELETE' }));
    await settled();
    expect(records.told).toMatchObject([
      {
        what: 'denied',
        decision: { denial: { code: 'token_missing' }, evidence: { tool: 'crm.search' } },
        facts: { method: 'DELETE' },
      },
      { what: 'flush' },
    ]);
  });

  test('changes no answer if it fails to send', async () => {
    const records = { ...recorder(), flush: () => Promise.reject(new Error('no network')) };
    const reported = vi.fn();
    const handler = protectionWith({ records, report: reported }).fetch(
      route,
      () => new Response('served'),
    );
    expect(await (await handler(requestTo('/', { token }))).text()).toBe('served');
    await expect.poll(() => reported).toHaveBeenCalledWith('protection.failed', { error: 'Error' });
  });
});

describe('a call that an adapter describes', () => {
  const call = { tool: 'crm.search', action: 'read', tier: 1, dataset: 'crm/contacts' } as const;
  const credentials = readCredentials(requestTo('/', { token }));

  test('is decided and recorded as that of a route', async () => {
    const records = recorder();
    const hewn = protectionWith({ records });
    const decided = await hewn.decide({ credentials, call, method: 'tools/call' });
    if (!decided.allowed) throw new Error(decided.denial.code);
    decided.close({ status: 200 });
    expect(records.told.map(({ what }) => what)).toEqual(['open', 'close']);
    expect(records.told[0]?.facts).toEqual({ method: 'tools/call', args: {} });
  });

  test('comes with what it needs if it is denied', async () => {
    const hewn = protectionWith();
    const wider = { ...call, dataset: 'crm/orders' };
    expect(await hewn.decide({ credentials, call: wider, method: 'tools/call' })).toMatchObject({
      allowed: false,
      denial: { code: 'no_grant' },
      needed: [{ grants: [{ tool: 'crm.search', dataset: 'crm/orders' }] }],
    });
  });
});
