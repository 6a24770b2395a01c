import { canonicalJson } from '../../src/canonical-json.ts';
import type { Signed } from '../../src/feed/index.ts';
import {
  feedKey,
  fixedKey,
  ISSUER,
  NOW,
  operatorKey,
  rootKey,
  signAsHead,
  signRaw,
  VectorLog,
} from './log.ts';

/** A head alone. Its verdict is `ok`, or the code of the refusal. */
export interface HeadVector {
  readonly name: string;
  readonly wire: Signed;
  readonly verdict: string;
}

const HASH = '0'.repeat(64);
const MARK = { scope: 'owner', value: 'team:growth', before: NOW, expires: NOW + 60 };
const SNAPSHOT = { seq: 1, chain: HASH, hash: HASH, bytes: 25, count: 0 };
const KEY = { id: 1, publicKey: rootKey.publicKey };

const MALFORMED: readonly (readonly [string, object])[] = [
  ['with an unknown member', { more: 1 }],
  ['of version 1', { v: 1 }],
  ['of shard 65,536', { shard: 65_536 }],
  ['of epoch 0', { epoch: 0 }],
  ['of a negative seq', { seq: -1 }],
  ['with a chain in upper case', { chain: 'A'.repeat(64) }],
  ['with a time that has a fraction', { issued_at: NOW + 0.5 }],
  ['with a next update before its time', { next_update: NOW - 1 }],
  ['without keys', { keys: [] }],
  ['with 17 keys', { keys: Array.from({ length: 17 }, (_, id) => ({ ...KEY, id })) }],
  ['with two keys of one id', { keys: [KEY, KEY] }],
  ['with 65 watermarks', { watermarks: Array(65).fill(MARK) }],
  ['with a watermark of an unknown scope', { watermarks: [{ ...MARK, scope: 'planet' }] }],
  ['with a watermark on all that has a value', { watermarks: [{ ...MARK, scope: 'all' }] }],
  ['with deltas from beyond its end', { delta_from: 3 }],
  ['with deltas from its middle and no snapshot', { delta_from: 1 }],
  ['with a snapshot beyond its end', { snapshot: { ...SNAPSHOT, seq: 3 } }],
  ['with a snapshot of its own seq and another chain', { snapshot: { ...SNAPSHOT, seq: 2 } }],
  ['with a snapshot over 16 MiB', { snapshot: { ...SNAPSHOT, bytes: 2 ** 24 + 1 } }],
  ['of epoch 2 without the one before', { epoch: 2 }],
  ['of epoch 1 with one before', { previous: { epoch: 1, seq: 0, chain: HASH } }],
  ['of epoch 2 without a snapshot', { epoch: 2, previous: { epoch: 1, seq: 0, chain: HASH } }],
];

export async function headVectors(): Promise<HeadVector[]> {
  const log = new VectorLog().append(
    { kind: 'workflow', id: 'wf_1' },
    { kind: 'workflow', id: 'wf_2' },
  );
  const head = await log.head();
  const honest = await signAsHead(head);
  const foreign = await fixedKey(9);
  const vector = (name: string, wire: Signed, verdict: string) => ({ name, wire, verdict });
  const flipped = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
  return [
    vector('an honest head', honest, 'ok'),
    vector('with a watermark', await signAsHead({ ...head, watermarks: [MARK] }), 'ok'),
    vector('of another issuer', await signAsHead({ ...head, issuer: `${ISSUER}/` }), 'head_issuer'),
    vector('of another shard', await signAsHead({ ...head, shard: 1 }), 'head_shard'),
    vector('60 s ahead', await signAsHead(await log.head({ issued_at: NOW + 60 })), 'ok'),
    vector(
      '61 s ahead',
      await signAsHead(await log.head({ issued_at: NOW + 61 })),
      'head_from_future',
    ),
    vector(
      'of more than a replica holds',
      await signAsHead({ ...head, count: 2 ** 20 + 1 }),
      'feed_over_limit',
    ),
    vector(
      'signed in another domain',
      await signAsHead(head, 'hewn-feed-kill-v1'),
      'head_signature',
    ),
    vector('signed in no domain', await signAsHead(head, ''), 'head_signature'),
    vector(
      'signed under another key',
      await signAsHead(head, undefined, foreign.sign),
      'head_signature',
    ),
    vector(
      'with another signature',
      { ...honest, signature: flipped(honest.signature) },
      'head_signature',
    ),
    vector(
      'with another payload',
      { ...honest, payload: flipped(honest.payload) },
      'head_signature',
    ),
    vector('with a short signature', { ...honest, signature: 'AA' }, 'head_malformed'),
    vector('with padding', { ...honest, signature: `${honest.signature}==` }, 'head_malformed'),
    vector(
      'over 16 KiB',
      await signRaw(' '.repeat(16 * 1024 + 1), 'hewn-feed-head-v2', feedKey.sign),
      'head_malformed',
    ),
    vector(
      'that is not JSON',
      await signRaw('head', 'hewn-feed-head-v2', feedKey.sign),
      'head_malformed',
    ),
    ...(await Promise.all(
      MALFORMED.map(async ([name, changes]) =>
        vector(name, await signAsHead({ ...head, ...changes }), 'head_malformed'),
      ),
    )),
  ];
}

/** A list of statements, and how many of them are valid. */
export interface KillVector {
  readonly name: string;
  readonly list: readonly Signed[];
  readonly count: number;
}

export async function killVectors(): Promise<KillVector[]> {
  const kill = {
    v: 1,
    issuer: ISSUER,
    issued_at: NOW,
    serial: 1,
    scope: 'agent',
    value: 'spiffe://acme.example/a',
    before: NOW,
  };
  const signed = (changes: object, domain = 'hewn-feed-kill-v1', sign = operatorKey.sign) =>
    signRaw(canonicalJson({ ...kill, ...changes }), domain, sign);
  const honest = await signed({});
  const vector = async (name: string, count: number, wire: Promise<Signed>) => ({
    name,
    list: [await wire, honest],
    count,
  });
  return [
    { name: 'one statement', list: [honest], count: 1 },
    await vector('on all', 2, signed({ scope: 'all', value: '' })),
    await vector('for another issuer', 1, signed({ issuer: 'https://other.example' })),
    await vector('under the feed key', 1, signed({}, undefined, feedKey.sign)),
    await vector('in the domain of heads', 1, signed({}, 'hewn-feed-head-v2')),
    await vector('of version 2', 1, signed({ v: 2 })),
    await vector('with an unknown member', 1, signed({ unless: 'x' })),
    await vector('of an unknown scope', 1, signed({ scope: 'planet' })),
    await vector('on all, with a value', 1, signed({ scope: 'all' })),
    await vector('before 0', 1, signed({ before: 0 })),
  ];
}
