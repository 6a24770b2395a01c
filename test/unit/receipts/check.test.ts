import { describe, expect, test, vi } from 'vitest';
import { canonicalJson } from '../../../src/canonical-json.ts';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../../src/encoding.ts';
import type { AttachedLeaf } from '../../../src/provenance/index.ts';
import { CATALOGUE, check, flipped, issue, KEY, leavesOf, NOW, PAYEES, served } from './scene.ts';

const IBAN = 'CH9300762011623852957';
const leafOf = async (value: string | number = IBAN): Promise<AttachedLeaf> => {
  const [leaf] = await leavesOf([value]);
  if (!leaf) throw new Error('no leaf');
  return leaf;
};

/** The receipt with another payload, and the signature that it had. */
function altered(leaf: AttachedLeaf, change: object): AttachedLeaf {
  const [payload = '', signature] = leaf.receipt.split('.');
  const json = JSON.parse(fromUtf8(fromBase64Url(payload) ?? new Uint8Array()) ?? '');
  const other = toBase64Url(utf8(canonicalJson({ ...json, ...change })));
  return { ...leaf, receipt: `${other}.${signature}` };
}

describe('a leaf counts', () => {
  test('with the author and the kind of its mark, its place and its dataset', async () => {
    expect((await check([await leafOf()])).values).toEqual([
      {
        value: IBAN,
        sources: [
          'own:iban',
          'mcp/bank/get_payees#/payees/*/iban',
          'mcp/bank/get_payees#/payees/*/iban@bank',
          'mcp/bank/get_payees#/payees/*/iban@bank/eu',
        ],
      },
    ]);
  });

  test('as named too, if the read was named', async () => {
    const known = { prompt: 'Pay Meier', isNamedValue: () => false, kindAt: () => undefined };
    const [leaf] = await leavesOf([IBAN], served(PAYEES, { name: 'Meier' }, { known }));
    const { values } = await check([leaf]);
    expect(values[0]?.sources).toContain('own:iban named');
    expect(values[0]?.sources).toContain('mcp/bank/get_payees#/payees/*/iban@bank/eu named');
  });

  test('as the number that it was, and not as a text', async () => {
    const { values } = await check([await leafOf(8)]);
    expect(values).toMatchObject([
      {
        value: 8,
        sources: ['server:payee-id', expect.anything(), expect.anything(), expect.anything()],
      },
    ]);
  });

  test('with the labels of its receipt', async () => {
    const [leaf] = await leavesOf([IBAN], served(PAYEES, {}, { labels: ['private'] }));
    expect((await check([leaf])).labels).toEqual(['private']);
  });

  test('beside others that do not', async () => {
    const leaf = await leafOf();
    const { values, ignored } = await check([{ ...leaf, value: 'XX00' }, leaf]);
    expect(values).toHaveLength(1);
    expect(ignored).toEqual([{ part: 'leaf 0', why: 'not_in_receipt' }]);
  });
});

describe('a leaf does not count', () => {
  const why = async (leaf: unknown, change: object = {}) => {
    const { values, ignored } = await check([leaf], change);
    expect(values).toEqual([]);
    return ignored[0]?.why;
  };

  test.each<[string, (leaf: AttachedLeaf) => unknown, object, string]>([
    ['in another workflow', (leaf) => leaf, { workflow: 'wf_other' }, 'other_workflow'],
    [
      'in a child of the workflow',
      (leaf) => leaf,
      { workflow: 'wf_reads.child' },
      'other_workflow',
    ],
    ['once it has expired', (leaf) => leaf, { now: NOW + 300 }, 'expired'],
    ['more than 60 s before it was issued', (leaf) => leaf, { now: NOW - 61 }, 'not_yet'],
    ['under a key that the head does not name', (leaf) => leaf, { keys: [] }, 'key_unknown'],
    [
      'under the key of another gateway',
      (leaf) => leaf,
      { keys: [{ ...KEY, gateway: 'https://other.example' }] },
      'key_unknown',
    ],
    [
      'under a key whose time is over',
      (leaf) => leaf,
      { keys: [{ ...KEY, until: NOW }] },
      'key_ended',
    ],
    [
      'under another key of the same id',
      (leaf) => leaf,
      { keys: [{ ...KEY, public_key: flipped(KEY.public_key) }] },
      'signature',
    ],
    ['with another value', (leaf) => ({ ...leaf, value: 'XX00' }), {}, 'not_in_receipt'],
    ['with a value of another type', (leaf) => ({ ...leaf, value: 7 }), {}, 'not_in_receipt'],
    [
      'with a part of its value',
      (leaf) => ({ ...leaf, value: IBAN.slice(1) }),
      {},
      'not_in_receipt',
    ],
    [
      'at another pointer',
      (leaf) => ({ ...leaf, pointer: '/payees/1/iban' }),
      {},
      'not_in_receipt',
    ],
    ['at another index', (leaf) => ({ ...leaf, index: 1 }), {}, 'not_in_receipt'],
    [
      'at an index that the receipt lacks',
      (leaf) => ({ ...leaf, index: 32 }),
      {},
      'not_in_receipt',
    ],
    ['with another salt', (leaf) => ({ ...leaf, salt: 'A'.repeat(22) }), {}, 'not_in_receipt'],
    ['with a short salt', (leaf) => ({ ...leaf, salt: 'AAAA' }), {}, 'not_in_receipt'],
    ['if its mark was withdrawn', (leaf) => leaf, { catalogue: new Map() }, 'unmarked'],
    ['without a catalogue', (leaf) => leaf, { catalogue: undefined }, 'unmarked'],
    ['without a receipt', ({ receipt: _, ...leaf }) => leaf, {}, 'malformed'],
    ['if its receipt is no receipt', (leaf) => ({ ...leaf, receipt: 'x.y' }), {}, 'malformed'],
    [
      'if its receipt has over 8,192 characters',
      (leaf) => altered(leaf, { data: Array(8).fill('x'.repeat(1_000)) }),
      {},
      'malformed',
    ],
    [
      'if its receipt has a tool of 513 characters',
      (leaf) => altered(leaf, { tool: 'x'.repeat(513) }),
      {},
      'malformed',
    ],
    [
      'if its receipt has a dataset of 1,025 characters',
      (leaf) => altered(leaf, { data: ['x'.repeat(1_025)] }),
      {},
      'malformed',
    ],
    [
      'if its receipt has 9 labels',
      (leaf) => altered(leaf, { labels: Array(9).fill('x') }),
      {},
      'malformed',
    ],
    [
      'if its receipt has a label of 65 characters',
      (leaf) => altered(leaf, { labels: ['x'.repeat(65)] }),
      {},
      'malformed',
    ],
    [
      'if its pointer has 513 characters',
      (leaf) => ({ ...leaf, pointer: '/'.padEnd(513, 'x') }),
      {},
      'malformed',
    ],
    ['if its value is an object', (leaf) => ({ ...leaf, value: {} }), {}, 'malformed'],
    [
      'if its value is over 512 bytes',
      (leaf) => ({ ...leaf, value: 'ä'.repeat(257) }),
      {},
      'malformed',
    ],
    ['if it is null', () => null, {}, 'malformed'],
    [
      'if its receipt says that it was named',
      (leaf) => altered(leaf, { named: true }),
      {},
      'signature',
    ],
    [
      'if its receipt says that it lasts longer',
      (leaf) => altered(leaf, { exp: NOW + 301 }),
      {},
      'signature',
    ],
    [
      'if its receipt has another tool',
      (leaf) => altered(leaf, { tool: 'mcp/bank/x' }),
      {},
      'signature',
    ],
    ['if its receipt has another member', (leaf) => altered(leaf, { more: 1 }), {}, 'malformed'],
    ['if its receipt is of another version', (leaf) => altered(leaf, { v: 2 }), {}, 'malformed'],
  ])('%s', async (_, change, context, fault) => {
    expect(await why(change(await leafOf()), context)).toBe(fault);
  });

  test('for the id of one collection where another is marked', async () => {
    const { values } = await check([await leafOf(7)]);
    expect(values[0]?.sources).not.toContain('own:iban');
  });

  test('if only its spelling of JSON differs', async () => {
    const leaf = await leafOf();
    const [payload = '', signature] = leaf.receipt.split('.');
    const json = fromUtf8(fromBase64Url(payload) ?? new Uint8Array()) ?? '';
    const spaced = toBase64Url(utf8(json.replace('{', '{ ')));
    expect(await why({ ...leaf, receipt: `${spaced}.${signature}` })).toBe('malformed');
  });
});

describe('nothing is checked', () => {
  test.each([
    ['of 65 leaves', async () => Array(65).fill(await leafOf())],
    ['of 17 receipts', async () => Promise.all(Array.from({ length: 17 }, async () => leafOf()))],
    [
      'of more than 48 KiB',
      async () =>
        Array.from({ length: 16 }, (_, index) => ({
          receipt: `${index}`.padEnd(3_100, 'x'),
          index: 0,
          pointer: '',
          value: 'x',
          salt: '',
        })),
    ],
  ])('%s', async (_, leaves) => {
    expect(await check(await leaves())).toEqual({
      values: [],
      labels: [],
      ignored: [{ part: 'leaves', why: 'too_many' }],
    });
  });
});

test('16 receipts and 64 leaves are checked', async () => {
  const issued = await Promise.all(
    Array.from({ length: 16 }, () => leavesOf([IBAN, 7, 8, PAYEES.payees[1]?.iban ?? ''])),
  );
  const { values } = await check(issued.flat());
  expect(values).toHaveLength(64);
});

test('a mark that the catalogue gained afterwards counts, because the verifier looks it up', async () => {
  const entry = CATALOGUE.get('mcp/bank/get_payees');
  const marks = entry?.field?.map((mark) => ({ ...mark, by: 'peer' as const }));
  const catalogue = new Map([['mcp/bank/get_payees', { ...entry, field: marks }]]);
  const { values } = await check([await leafOf()], { catalogue });
  expect(values[0]?.sources).toContain('peer:iban');
  expect(values[0]?.sources).not.toContain('own:iban');
});

test('a signature is verified for each key: a leaf that counted does not after its key was removed', async () => {
  const leaf = await leafOf();
  expect((await check([leaf])).values).toHaveLength(1);
  expect((await check([leaf], { keys: [] })).values).toEqual([]);
  const { receipts } = await issue();
  expect(receipts).toHaveLength(1);
});

test('the newest 256 signatures are remembered, and none before them', async () => {
  const first = await leafOf();
  const others = await Promise.all(Array.from({ length: 256 }, () => leafOf()));
  const verify = vi.spyOn(crypto.subtle, 'verify');
  const verifications = async (leaf: AttachedLeaf) => {
    verify.mockClear();
    expect((await check([leaf])).values).toHaveLength(1);
    return verify.mock.calls.length;
  };
  try {
    expect(await verifications(first)).toBe(1);
    expect(await verifications(first)).toBe(0);
    for (const other of others) expect(await verifications(other)).toBe(1);
    expect(await verifications(others[0] ?? first)).toBe(0);
    expect(await verifications(first)).toBe(1);
  } finally {
    verify.mockRestore();
  }
});
