import { evictDurableObject, reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { KeptReceipt } from '../../../src/receipts/index.ts';
import { begin, CHILD, env, family, ROOT, root, start } from './life.scene.ts';

/** What the object of a workflow keeps for the gateways that serve it. */
afterEach(() => reset());

const now = (): number => Math.floor(Date.now() / 1000);

const receipt = (name: string, change: Partial<KeptReceipt> = {}): KeptReceipt => ({
  receipt: name,
  seed: 'seed',
  leaves: [
    { pointer: '/iban', value: 'CH93' },
    { pointer: '/id', value: 7 },
  ],
  exp: now() + 300,
  named: true,
  ...change,
});
const kept = async (workflow = ROOT, added: readonly KeptReceipt[] = []) =>
  (await root().attachments(workflow, added)).receipts;

describe('the receipts of a workflow', () => {
  test('are kept in its object, also over a restart', async () => {
    await begin();
    const [one, two] = [receipt('a'), receipt('b', { named: false })];
    expect(await kept(ROOT, [one])).toEqual([one]);
    expect(await kept(ROOT, [one, two])).toEqual([one, two]);
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    expect(await kept()).toEqual([one, two]);
  });

  test('are not those of its child, and the reverse', async () => {
    await family();
    await kept(CHILD, [receipt('of the child')]);
    await kept(ROOT, [receipt('of the root')]);
    expect((await kept(CHILD)).map((one) => one.receipt)).toEqual(['of the child']);
    expect((await kept(ROOT)).map((one) => one.receipt)).toEqual(['of the root']);
  });

  test('are the newest 256 leaves, without those that have expired', async () => {
    await begin();
    await kept(ROOT, [receipt('expired', { exp: now() - 1 })]);
    const leaves = Array.from({ length: 32 }, (_, n) => ({ pointer: `/${n}`, value: n }));
    for (let n = 0; n < 10; n++) await kept(ROOT, [receipt(`r${n}`, { leaves })]);
    const names = (await kept()).map((one) => one.receipt);
    expect(names).toEqual(['r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9']);
  });

  test('are not kept for a workflow that never began', async () => {
    await begin();
    expect(await kept('wf_root.other', [receipt('a')])).toEqual([]);
  });
});

test('the request of the user comes with the receipts of the workflow that began with it', async () => {
  const prompt = { text: 'Pay Meier', salt: 'AAAAAAAAAAAAAAAAAAAAAA', digest: 'ab'.repeat(32) };
  await root().begin(start(ROOT, { prompt }));
  const { text, salt } = prompt;
  expect(await root().attachments(ROOT, [])).toEqual({ prompt: { text, salt }, receipts: [] });
});
