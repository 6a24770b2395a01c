import { expect, test } from 'vitest';
import { seenProofs } from '../../src/dpop/seen-proofs.ts';
import { Ledger } from '../../src/lifecycle/index.ts';

test('remembers a used proof while a clock runs ahead and is corrected', () => {
  const seen = seenProofs();
  const now = 1_000_000_000;
  const expires = now / 1000 + 300;
  expect(seen.use('proof', expires, now)).toBe(true);
  // The clock jumps ten minutes ahead. Another proof arrives, and the first seems to have expired.
  expect(seen.use('other', expires + 600, now + 600_000)).toBe(true);
  expect(seen.use('proof', expires, now + 1_000)).toBe(false);
});

test('a lease does not outlive its time if the clock goes back', async () => {
  let now = 1_000_000_000;
  let leases = 0;
  const office = {
    charge: async () => ({ ok: true, value: null }) as const,
    lease: async () => {
      leases += 1;
      return { ok: true, value: { calls: 20, expires: now / 1000 + 30, summed: [] } } as const;
    },
    settle: async () => undefined,
  };
  const ledger = new Ledger(office as never, () => now);
  const call = { workflow: 'wf_1', tool: 'write', tier: 2, args: {} } as const;
  await ledger.take(call);
  await ledger.take(call);
  expect(leases).toBe(1);
  now -= 600_000;
  await ledger.take(call);
  expect(leases).toBe(2);
});
