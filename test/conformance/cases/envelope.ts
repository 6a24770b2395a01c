/** The envelope: versions, seals, third parties, and the effect of changing any byte. */
import { concatBytes } from '../../../src/encoding.ts';
import {
  type Bytes,
  block,
  bytes,
  check,
  DEFAULT_SYMBOL,
  int,
  predicate,
  readFields,
  term,
} from '../../forge/index.ts';
import { ALICE, ALLOW, by, forged, minted, type VectorCase } from './case.ts';

const write = ({ field, value }: { field: number; value: bigint | Bytes }): Bytes =>
  typeof value === 'bigint' ? int(field, value) : bytes(field, value);

/** The token with its fields changed. */
const rewrite =
  (change: (fields: readonly ReturnType<typeof readFields>[number][]) => readonly Bytes[]) =>
  (token: Bytes): Bytes =>
    concatBytes(...change(readFields(token)));

/** Flips the lowest bit of the last byte of field `field` of signed block `i`. */
const flip = (i: number, field: number) =>
  rewrite((fields) => {
    let at = -1;
    return fields.map((outer) => {
      if (outer.field !== 2 && outer.field !== 3) return write(outer);
      at++;
      if (at !== i || typeof outer.value === 'bigint') return write(outer);
      const parts = readFields(outer.value).map((part) => {
        if (part.field !== field || typeof part.value === 'bigint') return write(part);
        const value = part.value.slice();
        value[value.length - 1] = (value.at(-1) ?? 0) ^ 1;
        return bytes(field, value);
      });
      return bytes(outer.field, ...parts);
    });
  });

const isBlock = ({ field }: { field: number }) => field === 3;

const fact = (value: number) => predicate(DEFAULT_SYMBOL.right, term.integer(value));
const plain = (value: number) => block({ facts: [fact(value)] });
const PARTY = new Uint8Array(32).fill(0xa1);
const three = ['a(0);', 'check if a(0);', 'check if a($x), $x < 1;'] as const;
const refused = { '': '' };

export const ENVELOPE: readonly VectorCase[] = [
  minted('sealed_authority', 'a sealed token of one block', ['a(0);'], ALLOW, { sealed: true }),
  minted('sealed_v0', 'a sealed token of signature version 0', [...three], ALLOW, { sealed: true }),
  minted(
    'sealed_v1',
    'a sealed token of signature version 1',
    ['a(null); check if a($x), $x == null;', 'reject if a(1);'],
    ALLOW,
    { sealed: true },
  ),
  minted(
    'sealed_third_party',
    'a sealed token that ends with a third-party block',
    [`check if b(1) trusting ${ALICE.key};`, by(ALICE, 'b(1);')],
    ALLOW,
    { sealed: true },
  ),
  minted('root_key_id_zero', 'root key id 0', ['a(0);'], ALLOW, { rootKeyId: 0 }),
  minted('root_key_id_largest', 'the largest root key id', ['a(0);'], ALLOW, {
    rootKeyId: 4_294_967_295,
  }),
  minted('signature_v1_sticks', 'once a block has signature version 1, the next ones have', [
    'a(null);',
    'check if a($x);',
    'check if true;',
  ]),
  forged('signature_v0_after_v1', 'a block of signature version 0 after one of version 1', {
    blocks: [
      { data: plain(0), signatureVersion: 1 },
      { data: plain(1), signatureVersion: 0 },
      { data: plain(2) },
    ],
  }),
  forged('signature_v1_for_3_0', 'signature version 1 around datalog 3.0', {
    blocks: [
      { data: plain(0), signatureVersion: 1 },
      { data: plain(1), signatureVersion: 1 },
    ],
  }),
  forged('signature_v0_for_3_3', 'signature version 0 around datalog 3.3', {
    blocks: [
      {
        data: block({
          version: 6,
          facts: [predicate(DEFAULT_SYMBOL.right, term.null())],
          checks: [check([{ body: [predicate(DEFAULT_SYMBOL.right, term.null())] }], 0)],
        }),
      },
    ],
  }),
  forged('sealed_mixed', 'a seal over blocks of both signature versions', {
    sealed: true,
    blocks: [{ data: plain(0), signatureVersion: 1 }, { data: plain(1) }],
  }),
  forged(
    'signature_v2',
    'an unknown signature version',
    {
      blocks: [{ data: plain(0), signatureVersion: 2 }],
    },
    refused,
  ),
  forged(
    'third_party_v0',
    'a third-party block of signature version 0',
    {
      blocks: [
        { data: plain(0) },
        { data: block({ version: 5 }), signatureVersion: 0, externalSeed: PARTY },
      ],
    },
    refused,
  ),
  forged(
    'third_party_authority',
    'an authority block with an external signature',
    {
      blocks: [{ data: block({ version: 5 }), signatureVersion: 1, externalSeed: PARTY }],
    },
    refused,
  ),
  forged(
    'third_party_forged',
    'a third-party block put together by hand',
    {
      blocks: [
        { data: plain(0) },
        { data: block({ version: 5, facts: [fact(7)] }), signatureVersion: 1, externalSeed: PARTY },
        { data: plain(2), signatureVersion: 1 },
      ],
    },
    { ...ALLOW, trusting: `allow if right(7) trusting ${ALICE.key};` },
  ),
  forged('context', 'a block with a context', {
    blocks: [{ data: block({ context: 'for the record', facts: [fact(1)] }) }],
  }),
  minted('broken_truncated', 'the last block is gone, the proof stays', [...three], refused, {
    tamper: rewrite((fields) => {
      const last = fields.findLast(isBlock);
      return fields.filter((field) => field !== last).map(write);
    }),
  }),
  minted('broken_dropped', 'a block in the middle is gone', [...three], refused, {
    tamper: rewrite((fields) => {
      const first = fields.find(isBlock);
      return fields.filter((field) => field !== first).map(write);
    }),
  }),
  minted('broken_repeated', 'a block is there twice', [...three], refused, {
    tamper: rewrite((fields) =>
      fields.flatMap((field) => (isBlock(field) ? [write(field), write(field)] : [write(field)])),
    ),
  }),
  minted('broken_swapped', 'two blocks have changed places', [...three], refused, {
    tamper: rewrite((fields) => {
      const blocks = fields.filter(isBlock).reverse();
      return fields.map((field) => write(isBlock(field) ? (blocks.shift() ?? field) : field));
    }),
  }),
  minted('broken_authority_data', 'a bit of the authority block', [...three], refused, {
    tamper: flip(0, 1),
  }),
  minted('broken_block_data', 'a bit of a block', [...three], refused, { tamper: flip(1, 1) }),
  minted('broken_signature', 'a bit of a signature', [...three], refused, { tamper: flip(2, 3) }),
  minted(
    'broken_external',
    'a bit of an external signature',
    ['a(0);', by(ALICE, 'b(1);')],
    refused,
    { tamper: flip(1, 4) },
  ),
  minted('broken_proof', 'another secret as the proof', [...three], refused, {
    tamper: rewrite((fields) =>
      fields.map((field) =>
        field.field === 4 ? bytes(4, bytes(1, new Uint8Array(32).fill(9))) : write(field),
      ),
    ),
  }),
  minted('broken_no_proof', 'an empty proof', [...three], refused, {
    tamper: rewrite((fields) =>
      fields.map((field) => (field.field === 4 ? bytes(4) : write(field))),
    ),
  }),
  minted('broken_unsealed', 'a seal instead of the secret', [...three], refused, {
    tamper: rewrite((fields) =>
      fields.map((field) =>
        field.field === 4 ? bytes(4, bytes(2, new Uint8Array(64).fill(9))) : write(field),
      ),
    ),
  }),
];
