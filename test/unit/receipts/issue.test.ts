import { describe, expect, test } from 'vitest';
import { fromBase64Url, fromUtf8 } from '../../../src/encoding.ts';
import { issue, KEY, NOW, PAYEES, served, WORKFLOW } from './scene.ts';

const [first, second] = PAYEES.payees;

const payloadOf = (receipt: string) =>
  JSON.parse(fromUtf8(fromBase64Url(receipt.split('.')[0] ?? '') ?? new Uint8Array()) ?? '');

describe('a receipt', () => {
  test('attests the marked values of an answer, in the order of the marks', async () => {
    const { receipts, left } = await issue();
    expect(left).toBe(0);
    expect(receipts[0]?.leaves).toEqual([
      { pointer: '/payees/0/iban', value: first?.iban },
      { pointer: '/payees/1/iban', value: second?.iban },
      { pointer: '/payees/0/id', value: 7 },
      { pointer: '/payees/1/id', value: 8 },
    ]);
  });

  test('names gateway, key, workflow, tool, datasets, catalogue and its end', async () => {
    const { receipts } = await issue(served(PAYEES, {}, { labels: ['private'] }));
    expect(payloadOf(receipts[0]?.receipt ?? '')).toMatchObject({
      v: 1,
      gw: KEY.gateway,
      kid: 7,
      wf: WORKFLOW,
      tool: 'mcp/bank/get_payees',
      data: ['bank/eu'],
      cat: 'ab'.repeat(8),
      at: NOW,
      exp: NOW + 300,
      named: false,
      labels: ['private'],
    });
  });

  test('contains no value of the answer and no argument of the read', async () => {
    const { receipts } = await issue(served(PAYEES, { name: 'landlord' }));
    const text = JSON.stringify(payloadOf(receipts[0]?.receipt ?? ''));
    expect(text).not.toMatch(/CH93|DE89|landlord/);
  });

  test('has another salt for each leaf and each receipt', async () => {
    const same = { payees: [{ iban: 'CH9300762011623852957' }, { iban: 'CH9300762011623852957' }] };
    const [one, two] = [await issue(served(same)), await issue(served(same))];
    const leaves = [one, two].map(({ receipts }) => payloadOf(receipts[0]?.receipt ?? '').leaves);
    expect(leaves[0]).not.toBe(leaves[1]);
    expect(leaves[0].slice(0, 21)).not.toBe(leaves[0].slice(22, 43));
  });

  test('has at most 32 leaves, an answer 8 receipts, and the rest is counted', async () => {
    const many = { payees: Array.from({ length: 200 }, (_, id) => ({ id, iban: `XX${id}` })) };
    const { receipts, left } = await issue(served(many));
    expect(receipts.map(({ leaves }) => leaves.length)).toEqual(Array(8).fill(32));
    expect(left).toBe(400 - 256);
  });

  test('attests nothing of an answer after 20,000 visits', async () => {
    const last = { iban: 'XX00' };
    const readAfter = (count: number) =>
      issue(served({ payees: [...Array.from({ length: count }, () => ({})), last] }));
    expect((await readAfter(100)).receipts[0]?.leaves).toHaveLength(1);
    expect((await readAfter(20_000)).receipts).toEqual([]);
  });

  test('takes at most 1.5 kB with 32 leaves', async () => {
    const many = { payees: Array.from({ length: 32 }, (_, id) => ({ iban: `XX${id}` })) };
    const { receipts } = await issue(served(many));
    expect(receipts[0]?.leaves).toHaveLength(32);
    expect(receipts[0]?.receipt.length).toBeLessThanOrEqual(1_536);
  });
});

describe('no leaf is issued', () => {
  test.each<[string, unknown]>([
    ['for a text of 513 bytes', 'x'.repeat(513)],
    ['for an empty text', ''],
    ['for a boolean', true],
    ['for null', null],
    ['for an object', { iban: 'x' }],
    ['for a lone surrogate', '\ud800'],
    ['for a number beyond what is exact', 2 ** 53],
  ])('%s', async (_, iban) => {
    expect((await issue(served({ payees: [{ iban }] } as never))).receipts).toEqual([]);
  });

  test('for an unmarked value, or for a marked name in another place', async () => {
    const data = { iban: 'CH93', payees: { iban: 'CH93' }, list: [{ iban: 'CH93' }] };
    expect((await issue(served(data))).receipts).toEqual([]);
  });

  test('for a value that equals an argument of the read, whatever its type', async () => {
    const echo = { payees: [{ iban: 'XX00', id: 9 }, { iban: '9' }] };
    const { receipts, left } = await issue(served(echo, { name: 'XX00', limit: 9 }));
    expect(receipts).toEqual([]);
    expect(left).toBe(3);
  });
});

test('no leaf is issued for a value in content that the call sent', async () => {
  const echo = served({ payees: [{ iban: 'XX00' }] }, { name: 'XX00' }, { nodes: [] });
  expect((await issue(echo)).receipts).toEqual([]);
});

describe('a read is named', () => {
  const named = async (args: object, known: object) => {
    const names = { prompt: undefined, isNamedValue: () => false, kindAt: () => undefined };
    const { receipts } = await issue(
      served(PAYEES, args as never, { known: { ...names, ...known } }),
    );
    return receipts[0]?.named;
  };

  test('if each of its arguments stands in the request of the user', async () => {
    const prompt = 'Pay my landlord Meier, please.';
    expect(await named({ name: 'Meier' }, { prompt })).toBe(true);
    expect(await named({ name: 'Meier-2' }, { prompt })).toBe(false);
    expect(await named({ name: 'Meier', limit: 3 }, { prompt })).toBe(false);
    expect(await named({ name: 'Meier' }, {})).toBe(false);
  });

  test('if its argument was read from an object that was named', async () => {
    expect(await named({ limit: 8 }, { isNamedValue: (value: unknown) => value === 8 })).toBe(true);
  });

  test('never without arguments: the read chose nothing', async () => {
    expect(await named({}, { prompt: 'Pay Meier' })).toBe(false);
  });

  test('and then may return its argument', async () => {
    const known = {
      prompt: 'Is XX00 a payee?',
      isNamedValue: () => false,
      kindAt: () => undefined,
    };
    const echo = served({ payees: [{ iban: 'XX00' }] }, { name: 'XX00' }, { known });
    expect((await issue(echo)).receipts[0]?.leaves).toEqual([
      { pointer: '/payees/0/iban', value: 'XX00' },
    ]);
  });
});

test('the id that a create answers counts as named, and an echo of its arguments does not', async () => {
  const tool = 'mcp/bank/add_payee';
  const created = served({ id: 12 }, { name: 'Eve', iban: 'XX00' }, { tool });
  expect((await issue(created)).receipts[0]).toMatchObject({
    named: true,
    leaves: [{ pointer: '/id', value: 12 }],
  });
  const echo = served({ id: 'XX00' }, { name: 'Eve', iban: 'XX00' }, { tool });
  expect((await issue(echo)).receipts).toEqual([]);
});
