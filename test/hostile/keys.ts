/**
 * Ed25519 keys and signatures that platforms disagree about: points of small order, non-canonical
 * encodings, scalars beyond the group's order. Some runtimes' WebCrypto accepts some of them.
 */
import { fromHex } from '../../src/encoding.ts';
import { type Bytes, block, DEFAULT_SYMBOL, predicate, term } from '../forge/index.ts';
import type { HostileToken } from './hostile.ts';

const hex = (text: string): Bytes => fromHex(text) ?? new Uint8Array();
const filled = (first: string, middle: string, last: string): Bytes =>
  hex(first + middle.repeat(30) + last);

const ORDER_8 = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
] as const;

/** Every encoding of a point of small order, the canonical ones first. */
const WEAK_POINTS: readonly (readonly [string, Bytes])[] = [
  ['the identity', filled('01', '00', '00')],
  ['order 2', filled('ec', 'ff', '7f')],
  ['order 4', filled('00', '00', '00')],
  ['order 4, negative', filled('00', '00', '80')],
  ['order 8, first', hex(ORDER_8[0])],
  ['order 8, first, negative', hex(`${ORDER_8[0].slice(0, 62)}85`)],
  ['order 8, second', hex(ORDER_8[1])],
  ['order 8, second, negative', hex(`${ORDER_8[1].slice(0, 62)}fa`)],
  ['the identity, negative', filled('01', '00', '80')],
  ['order 2, negative', filled('ec', 'ff', 'ff')],
  ['y = p', filled('ed', 'ff', '7f')],
  ['y = p, negative', filled('ed', 'ff', 'ff')],
  ['y = p + 1', filled('ee', 'ff', '7f')],
  ['y = p + 1, negative', filled('ee', 'ff', 'ff')],
];

const IDENTITY = filled('01', '00', '00');
const ZERO = new Uint8Array(32);
const signature = (r: Uint8Array, s: Uint8Array): Bytes => new Uint8Array([...r, ...s]);

/** Whether R = identity, S = 0 verifies depends on the message: one in eight, at worst. */
const TRIES = 16;

const content = (attempt: number): Bytes =>
  block({ facts: [predicate(DEFAULT_SYMBOL.right, term.integer(attempt))] });

const REFUSED = {
  codes: ['signature_invalid', 'key_malformed', 'token_malformed', 'signature_malformed'] as const,
};

const weakNextKeys: readonly HostileToken[] = WEAK_POINTS.flatMap(([name, point]) =>
  Array.from({ length: TRIES }, (_, attempt) => ({
    name: `a next key of small order (${name}) that has signed everything, ${attempt}`,
    blocks: [
      { data: content(0), nextKey: point },
      { data: content(attempt), signature: () => signature(IDENTITY, ZERO) },
    ],
    denied: REFUSED,
  })),
);

const weakCommitments: readonly HostileToken[] = WEAK_POINTS.map(([name, point]) => ({
  name: `a signature whose R is of small order (${name})`,
  blocks: [{ data: content(0), signature: () => signature(point, ZERO) }],
  denied: REFUSED,
}));

/** 2^252 + 27742317777372353535851937790883648493. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const littleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);

/** The same signature with another scalar, and so another revocation id for the same block. */
function addGroupOrder(honest: Bytes): Bytes {
  let scalar = littleEndian(honest.subarray(32)) + GROUP_ORDER;
  const changed = honest.slice();
  for (let i = 32; i < 64; i++) {
    changed[i] = Number(scalar & 255n);
    scalar >>= 8n;
  }
  return changed;
}

const scalars: readonly HostileToken[] = [
  {
    name: 'a signature with S + L',
    blocks: [{ data: content(0), signature: addGroupOrder }],
    denied: REFUSED,
  },
  {
    name: 'a signature with S + L before another block',
    blocks: [{ data: content(0), signature: addGroupOrder }, { data: content(1) }],
    denied: REFUSED,
  },
  {
    name: 'a signature with S = L',
    blocks: [{ data: content(0), signature: () => addGroupOrder(signature(IDENTITY, ZERO)) }],
    denied: REFUSED,
  },
  {
    name: 'a signature that is too short',
    blocks: [{ data: content(0), signature: (honest) => honest.slice(0, 63) }],
    denied: REFUSED,
  },
  {
    name: 'a signature that is too long',
    blocks: [{ data: content(0), signature: (honest) => new Uint8Array([...honest, 0]) }],
    denied: REFUSED,
  },
  {
    name: 'an empty signature',
    blocks: [{ data: content(0), signature: () => new Uint8Array() }],
    denied: REFUSED,
  },
];

export const HOSTILE_KEYS: readonly HostileToken[] = [
  ...weakNextKeys,
  ...weakCommitments,
  ...scalars,
];
