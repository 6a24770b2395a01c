import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, obtain, read, send } from '../agent.ts';
import { openReleases, PREVIOUS, type ReleaseStage } from './stage.ts';

/**
 * A gateway and an issuer of two releases: what an upgrade looks like between its two steps. Each
 * pair has a state of its own, because an issuer of 0.3.0 mints nothing on one that today's issuer
 * has written: `storage.test.ts` has this rollback.
 */
let stage: ReleaseStage;

const report = () => read(stage.documents.reports[0] ?? '');
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });
const WRITE = 'mcp/files/write_file';

describe.each([
  { issuer: 'current', gateway: PREVIOUS },
  { issuer: PREVIOUS, gateway: 'current' },
] as const)('with an issuer of $issuer and a gateway of $gateway', (releases) => {
  beforeAll(async () => {
    stage = await openReleases();
    await stage.run(releases);
  }, 120_000);
  afterAll(() => stage.close());

  test('a capability is minted, and allows what it grants and nothing else', async () => {
    const { token } = await obtain(stage);
    expect(await send(stage, token, report())).toMatchObject({ status: 200 });
    expect(await send(stage, token, write())).toMatchObject({ status: 200 });
    const secret = await send(stage, token, read(stage.documents.secret));
    expect(secret).toMatchObject({ code: 'no_grant' });
  });

  test('a revocation stops irreversible calls at once, and reads within the bound', async () => {
    const { token, workflow } = await obtain(stage);
    expect(await send(stage, token, report())).toMatchObject({ status: 200 });
    await stage.operate(`workflows/${workflow}/revoke`, { reason: 'test' });
    expect(await send(stage, token, write())).toMatchObject({ code: 'revoked' });
    const readCode = async () => (await send(stage, token, report())).code;
    await expect.poll(readCode, { interval: 500 }).toBe('revoked');
  });

  test('a denied tool is stopped, and is allowed again after the lift', async () => {
    const { token } = await obtain(stage);
    expect(await send(stage, token, write())).toMatchObject({ status: 200 });
    const tool = { scope: 'tool', value: WRITE, reason: 'test' };
    await stage.operate('denials', tool);
    expect(await send(stage, token, write())).toMatchObject({ code: 'tool_denied' });
    await stage.operate('denials/lift', tool);
    expect(await send(stage, token, write())).toMatchObject({ status: 200 });
  });

  test('decision records reach the audit log, which stays whole', async () => {
    const { token, workflow } = await obtain(stage);
    await send(stage, token, report());
    await send(stage, token, read(stage.documents.secret));
    const events = async () => (await stage.trail(workflow)).events;
    await expect.poll(events).toEqual(['mint', 'decision', 'decision']);
    expect((await stage.trail(workflow)).whole).toBe(true);
  });
});
