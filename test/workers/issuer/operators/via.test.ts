import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { serveKeys } from '../../../storage/dump/idp.ts';
import { admin, obtain } from '../../../storage/dump/scene.ts';
import { readMerged } from '../merged.ts';
import { Browser, bearer, env, OLIVIA, startProvider, tokenOf, withDirectory } from './scene.ts';

const variables = withDirectory({ twoPeople: ['lift', 'resume'] });
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

const reason = 'incident 7';
const DENIAL = { scope: 'agent', value: 'https://idp.example#report-agent', reason };

describe('the record of an order', () => {
  test('names who ordered it, from where, and who confirmed it', async () => {
    const { workflow } = await obtain();
    const browser = new Browser();
    await browser.signIn(OLIVIA, variables);
    const path = `/workflows/${workflow}/suspend`;
    expect((await browser.call('POST', path, { reason }, variables)).status).toBe(200);
    const olivia = await tokenOf(OLIVIA, variables);
    await bearer(olivia, 'POST', '/denials', {
      body: { ...DENIAL, even_unknown: true },
      variables,
    });
    for (const [route, body] of [
      ['/denials/lift', DENIAL],
      [`/workflows/${workflow}/resume`, { reason }],
    ] as const) {
      const proposed = await bearer(olivia, 'POST', route, { body, variables });
      const { proposal } = (await proposed.json()) as { proposal: { id: string; digest: string } };
      const otto = await tokenOf({ sub: 'otto' }, variables);
      const confirm = { body: { digest: proposal.digest, reason: 'I agree' }, variables };
      expect((await bearer(otto, 'POST', `/proposals/${proposal.id}`, confirm)).status).toBe(200);
    }
    const watermark = { scope: 'agent', value: DENIAL.value, reason };
    await bearer(olivia, 'POST', '/watermarks', { body: watermark, variables });
    await admin('audit/holds', { subject: 'https://idp.example#alice', reason });
    await admin(`workflows/${workflow}/revoke`, { reason });

    const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
    const found = records.flatMap((record) =>
      'via' in record ? [[record.event, record.actor, record.via]] : [],
    );
    expect(found).toEqual([
      ['transition', 'corp#olivia', { source: 'console' }],
      ['denial', 'corp#olivia', { source: 'cli' }],
      ['denial', 'corp#olivia', { source: 'cli', second: 'corp#otto' }],
      ['transition', 'corp#olivia', { source: 'cli', second: 'corp#otto' }],
      ['watermark', 'corp#olivia', { source: 'cli' }],
      ['hold', 'operator', { source: 'api' }],
      ['revocation', 'operator', { source: 'api' }],
    ]);
  });
});

test('a record that no operator ordered has no member about an order', async () => {
  await obtain();
  const records = (await readMerged(env, { after: 0 })).map(({ record }) => record);
  expect(records.length).toBeGreaterThan(0);
  expect(records.some((record) => 'via' in record)).toBe(false);
});
