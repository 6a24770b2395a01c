import { describe, expect, test, vi } from 'vitest';
import {
  type AccountRefusal,
  type BudgetClient,
  type BudgetRefusal,
  type CallEnd,
  type ChargeRequest,
  charge as chargeOf,
  giveBackCharge,
  Ledger,
  type Meters,
  metersOf,
  settle as settleLease,
  spendsOf,
  summedPointers,
  takeLease,
} from '../../../src/lifecycle/index.ts';
import { ok, refuse } from '../../../src/result.ts';

/** Budgets as the issuer keeps them, in memory. Its answers can be lost. */
class FakeIssuer implements BudgetClient {
  meters: Meters;
  readonly asked: string[] = [];
  readonly answered = new Map<string, Awaited<ReturnType<BudgetClient['charge']>>>();
  readonly approvals: (string | undefined)[] = [];
  refusal: AccountRefusal | undefined;
  lost = 0;
  now = 1_000;

  constructor(meters: Meters) {
    this.meters = meters;
  }

  #answer<T>(kind: string, value: T): Promise<T> {
    this.asked.push(kind);
    if (this.lost === 0) return Promise.resolve(value);
    this.lost -= 1;
    return Promise.reject(new Error('lost'));
  }

  charge(order: ChargeRequest) {
    this.approvals.push(order.approval);
    if (this.refusal) return this.#answer('charge', refuse(this.refusal));
    const known = this.answered.get(order.nonce) ?? this.#charge(order);
    this.answered.set(order.nonce, known);
    return this.#answer('charge', known);
  }

  #charge({
    tool,
    amounts,
  }: ChargeRequest): { ok: true; value: null } | { ok: false; error: BudgetRefusal } {
    const spends = spendsOf(this.meters, { tool, amounts });
    if (!spends.ok) return spends;
    const charged = chargeOf(this.meters, spends.value);
    if (!charged.ok) return charged;
    this.meters = charged.value;
    return ok(null);
  }

  giveBack({ nonce, tool, amounts }: ChargeRequest) {
    const spends = spendsOf(this.meters, { tool, amounts });
    const isCharged = this.answered.get(nonce)?.ok === true && spends.ok;
    if (isCharged) this.meters = giveBackCharge(this.meters, spends.value);
    this.answered.delete(nonce);
    return this.#answer('give back', isCharged);
  }

  lease({ tool, lease: id }: Parameters<BudgetClient['lease']>[0]) {
    const summed = summedPointers(this.meters, tool);
    const expires = this.now + 30;
    if (summed.length > 0) return this.#answer('lease', ok({ calls: 0, expires, summed }));
    const charged = takeLease(this.meters, { id, tool, calls: 20 }, expires);
    if (!charged.ok) return this.#answer('lease', charged);
    this.meters = charged.value.meters;
    return this.#answer('lease', ok({ calls: charged.value.lease.calls, expires, summed }));
  }

  readonly ended: string[] = [];

  end({ nonce }: ChargeRequest, end: CallEnd) {
    this.ended.push(`${nonce} ${end}`);
    return this.#answer('end', undefined);
  }

  settle(_workflow: string, id: string, spent: number) {
    const lease = { id, tool: 't', calls: 20, expires: 0, state: 'open' } as const;
    this.meters = settleLease(this.meters, lease, spent).meters;
    return this.#answer('settle', undefined);
  }

  used(key: string): number | undefined {
    return this.meters.find((meter) => meter.key === key)?.used;
  }
}

const POUND = 1_000_000;
const call = (tier: 0 | 1 | 2 | 3, args: unknown = {}) => ({
  workflow: 'wf',
  tool: 't',
  tier,
  args,
});
const open = (budgets: Parameters<typeof metersOf>[0]) => {
  const issuer = new FakeIssuer(metersOf(budgets));
  return { issuer, ledger: new Ledger(issuer, () => issuer.now * 1000) };
};
const bank = { sums: [{ tool: 't', pointer: '/amount', micros: 100 * POUND }] };

describe('a call', () => {
  test('of tier 0 or 1 takes nothing and sends no request', async () => {
    const { issuer, ledger } = open({ calls: 0 });
    for (const tier of [0, 1] as const) expect(await ledger.take(call(tier))).toEqual(ok(false));
    expect(issuer.asked).toEqual([]);
  });

  test('of tier 2 is spent from a lease: twenty calls send one request', async () => {
    const { issuer, ledger } = open({ calls: 30 });
    for (let i = 0; i < 20; i++) expect(await ledger.take(call(2))).toEqual(ok(true));
    expect(issuer.asked).toEqual(['lease']);
    for (let i = 0; i < 10; i++) expect(await ledger.take(call(2))).toEqual(ok(true));
    expect(await ledger.take(call(2))).toMatchObject({ error: { code: 'budget_exhausted' } });
  });

  test('of tier 2 with an approval is charged: a lease cannot know whether it was used', async () => {
    const { issuer, ledger } = open({ calls: 30 });
    expect(await ledger.take({ ...call(2), approval: 'ap_1' })).toEqual(ok(true));
    expect(issuer.asked).toEqual(['charge']);
    expect(issuer.approvals).toEqual(['ap_1']);
    expect(await ledger.take({ ...call(1), approval: 'ap_1' })).toEqual(ok(false));
    expect(issuer.asked).toEqual(['charge']);
  });

  test('with an approval that was used is not made', async () => {
    const { issuer, ledger } = open({ calls: 30 });
    issuer.refusal = { code: 'approval_used' };
    expect(await ledger.take({ ...call(3), approval: 'ap_1' })).toEqual(
      refuse({ code: 'approval_used' }),
    );
  });

  test('of tier 2 that comes with others spends no more calls than were leased', async () => {
    const { ledger } = open({ calls: 20 });
    for (let i = 0; i < 19; i++) await ledger.take(call(2));
    const taken = await Promise.all(Array.from({ length: 5 }, () => ledger.take(call(2))));
    expect(taken.filter((one) => one.ok)).toHaveLength(1);
  });

  test('of tier 2 takes another lease once the first has expired, and settles the first', async () => {
    const { issuer, ledger } = open({ calls: 30 });
    for (let i = 0; i < 3; i++) await ledger.take(call(2));
    issuer.now += 31;
    await ledger.settle();
    expect(issuer.used('calls')).toBe(3);
    await ledger.take(call(2));
    expect(issuer.asked).toEqual(['lease', 'settle', 'lease']);
  });

  test('of tier 3 is charged, and is charged once even if the answer is lost and the request repeated', async () => {
    const { issuer, ledger } = open({ calls: 30 });
    issuer.lost = 1;
    expect(await ledger.take(call(3))).toEqual(ok(true));
    expect(issuer.asked).toEqual(['charge', 'charge']);
    expect(issuer.used('calls')).toBe(1);
  });

  test.each([2, 3] as const)(
    'of tier %d is refused if the issuer cannot count it',
    async (tier) => {
      const { issuer, ledger } = open({});
      issuer.lost = 9;
      expect(await ledger.take(call(tier))).toEqual(refuse({ code: 'ledger_unavailable' }));
    },
  );
});

test.each([2, 3] as const)(
  'a call of tier %d is refused in time if the issuer never answers',
  async (tier) => {
    vi.useFakeTimers();
    try {
      const never = () => new Promise<never>(() => {});
      const silent = { charge: never, giveBack: never, end: never, lease: never, settle: never };
      const ledger = new Ledger(silent, Date.now, () => undefined);
      const taking = ledger.take(call(tier));
      await vi.advanceTimersByTimeAsync(6_000);
      expect(await taking).toEqual(refuse({ code: 'ledger_unavailable' }));
    } finally {
      vi.useRealTimers();
    }
  },
);

test('a charge whose answers were lost is given back once the issuer answers again', async () => {
  const { issuer, ledger } = open({ calls: 30 });
  issuer.lost = 2; // It was charged twice over, and both answers were lost.
  expect(await ledger.take(call(3))).toEqual(refuse({ code: 'ledger_unavailable' }));
  expect(issuer.used('calls')).toBe(1);
  await ledger.settle();
  expect(issuer.used('calls')).toBe(0);
  expect(issuer.asked).toEqual(['charge', 'charge', 'give back']);
});

describe('a call that was not made after all', () => {
  test('gets its charge back exactly once', async () => {
    const { issuer, ledger } = open({ calls: 30 });
    const [first, second] = [call(3), call(3)];
    await ledger.take(first);
    await ledger.take(second);
    expect(await ledger.giveBack(first)).toBe(true);
    expect(await ledger.giveBack(first)).toBe(false);
    expect(issuer.used('calls')).toBe(1);
  });

  test('stays spent if the issuer does not answer, and that is reported', async () => {
    const lines: string[] = [];
    const issuer = new FakeIssuer(metersOf({ calls: 30 }));
    const ledger = new Ledger(
      issuer,
      () => issuer.now * 1000,
      (event, detail) => lines.push(`${event} ${detail?.code}`),
    );
    const made = call(3);
    await ledger.take(made);
    issuer.lost = 1;
    expect(await ledger.giveBack(made)).toBe(false);
    expect(lines).toEqual(['ledger.failed give_back']);
  });

  test('returns its leased call to the next call', async () => {
    const { issuer, ledger } = open({ calls: 20 });
    const made = call(2);
    await ledger.take(made);
    expect(await ledger.giveBack(made)).toBe(true);
    for (let i = 0; i < 20; i++) expect(await ledger.take(call(2))).toEqual(ok(true));
    expect(issuer.asked).toEqual(['lease']);
  });
});

test.each([
  [3, 'charge'],
  [2, 'lease'],
] as const)('a call of tier %d that cannot be counted is logged', async (tier, code) => {
  const lines: string[] = [];
  const issuer = new FakeIssuer(metersOf({}));
  const ledger = new Ledger(issuer, Date.now, (event, detail) =>
    lines.push(`${event} ${detail?.code}`),
  );
  issuer.lost = 9;
  await ledger.take(call(tier));
  expect(lines).toEqual([`ledger.failed ${code}`]);
});

describe('a summed argument', () => {
  test.each([2, 3] as const)('is charged at tier %d until its limit is reached', async (tier) => {
    const { issuer, ledger } = open(bank);
    for (let i = 0; i < 5; i++) {
      expect(await ledger.take(call(tier, { amount: 19.5 }))).toEqual(ok(true));
    }
    expect(await ledger.take(call(tier, { amount: 19.5 }))).toMatchObject({
      error: { code: 'budget_exhausted', left: 2.5 * POUND },
    });
    expect(issuer.used(JSON.stringify(['sum', 't', '/amount']))).toBe(97.5 * POUND);
  });

  test.each([{}, { amount: '19' }, { amount: -1 }, { amount: [19] }, { amount: null }, null])(
    'that is missing or not a valid number is refused: %j',
    async (args) => {
      const { ledger } = open(bank);
      expect(await ledger.take(call(3, args))).toMatchObject({
        error: { code: 'budget_unmeasured', pointer: '/amount' },
      });
    },
  );

  test('for rules of two scopes that ask for different arguments is measured for both', async () => {
    const { issuer, ledger } = open(bank);
    const asked: (readonly string[])[] = [];
    const charges = issuer.charge.bind(issuer);
    issuer.charge = (order) => {
      const measured = Object.keys(order.measured ?? {});
      asked.push(measured);
      // Each scope knows its own rules only.
      const lacking = ['/to', '/amount'].find((pointer) => !measured.includes(pointer));
      if (lacking === undefined || asked.length > 9) return charges(order);
      const refusal = { code: 'history_unmeasured', rule: 'a', why: 'a test' } as const;
      return Promise.resolve(refuse({ ...refusal, pointers: [lacking] }));
    };
    const paid = { ...call(3, { amount: 1, to: 'ann' }), history: true } as const;
    expect(await ledger.take(paid)).toEqual(ok(true));
    // The last one is repeated, because a budget sums the argument.
    expect(asked).toEqual([[], ['/to'], ['/to', '/amount'], ['/to', '/amount']]);
  });

  test('may be nested, and is not read from a prototype', async () => {
    const sums = (pointer: string) => ({ sums: [{ tool: 't', pointer, micros: 5 * POUND }] });
    const deep = open(sums('/payments/1/amount'));
    const payments = [{ amount: 900 }, { amount: 4 }];
    expect(await deep.ledger.take(call(3, { payments }))).toEqual(ok(true));
    const { ledger } = open(sums('/__proto__/length'));
    expect(await ledger.take(call(3, {}))).toMatchObject({ error: { code: 'budget_unmeasured' } });
  });
});
