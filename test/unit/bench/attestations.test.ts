import { expect, test } from 'vitest';
import { Attestations } from '../../../bench/attacks/attestations.ts';

test('the request of the user attests the values of a workflow, and not those of its child', async () => {
  const { promptDigest, ...begun } = await Attestations.begin('Pay CH1');
  expect(promptDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(begun).toBeDefined();
  const child = Attestations.ofChild();
  expect([child.promptDigest, child.attached()]).toEqual([undefined, {}]);
});
