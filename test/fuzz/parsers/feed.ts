/** The trust feed from an attacker on the network: it only moves by what is signed. */
import { canonicalJson, type Json } from '../../../src/canonical-json.ts';
import { utf8 } from '../../../src/encoding.ts';
import { HEAD_FORM } from '../../../src/feed/format/signed.ts';
import { FeedClient, type RefreshError, type SignedHead } from '../../../src/feed/index.ts';
import { catalogueExtension } from '../../../src/feed/log/index.ts';
import { signPayload } from '../../../src/feed/log/sign.ts';
import { at, ISSUER } from '../../unit/fixtures/issuer.ts';
import {
  deltaOf,
  entry,
  feedKeys,
  headOver,
  question,
  seconds,
  sign,
  snapshotOf,
} from '../../unit/fixtures/log.ts';
import { mutateBytes } from '../generate/mutations.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';

const ENTRIES = [
  ...[entry(1), entry(2), entry(3, { kind: 'block', id: 'ab'.repeat(64) })],
  ...[entry(4, { kind: 'suspension' }), entry(5, { kind: 'resumption', id: 'wf_4', gen: 2 })],
  entry(6),
];
const SNAPSHOT = await snapshotOf(ENTRIES.slice(0, 5));
const HEADS = await Promise.all([
  headOver(ENTRIES.slice(0, 1), 1),
  headOver(ENTRIES.slice(0, 3), 2),
  headOver(ENTRIES, 3),
  // Deltas from here no longer exist, so the snapshot is needed.
  headOver(ENTRIES, 4, { snapshot: SNAPSHOT.reference, delta_from: 4 }),
  headOver(ENTRIES, 5, { extensions: [catalogueExtension('ab'.repeat(32))] }),
]);
const SIGNED = await Promise.all(HEADS.map((head) => sign(head)));
const [FIRST, ...LATER] = SIGNED;
const stranger = (await crypto.subtle.generateKey('Ed25519', true, [
  ...(['sign', 'verify'] as const),
])) as CryptoKeyPair;

const json = (value: unknown): Json => value as Json;

interface Offered {
  readonly wire: Json;
  /** The heads that the feed's own key has signed. */
  readonly signed: readonly Json[];
}

/** A signed head with content that the log would never write, or by another key. */
async function signedMutant(random: Random): Promise<Offered> {
  const head = mutateJsonOften(random, json(random.pick([HEADS[1], HEADS[2], HEADS[3], HEADS[4]])));
  const isOurs = random.chance(0.7);
  const key = isOurs ? feedKeys.privateKey : stranger.privateKey;
  const wire = await signPayload(
    HEAD_FORM,
    utf8(JSON.stringify(head)),
    async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes)),
  );
  return { wire: json(wire), signed: isOurs ? [head] : [] };
}

/** A head with an unsigned payload, under the signature of another head. */
function resigned(random: Random, unmodified: SignedHead): Json {
  const { payload, signature } = random.pick(SIGNED as [SignedHead, ...SignedHead[]]);
  if (random.chance(0.5)) return { payload, signature: unmodified.signature };
  const text = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json;
  const changed = Buffer.from(JSON.stringify(mutateJsonOften(random, text))).toString('base64url');
  return { payload: changed, signature };
}

async function someHead(random: Random): Promise<Offered> {
  const unmodified = random.pick(LATER as [SignedHead, ...SignedHead[]]);
  if (random.chance(0.3)) return { wire: json(unmodified), signed: [] };
  if (random.chance(0.5)) return signedMutant(random);
  const isResigned = random.chance(0.4);
  const wire = isResigned
    ? resigned(random, unmodified)
    : mutateJsonOften(random, json(unmodified));
  return { wire, signed: [] };
}

/** The responses that lead to a head: unmodified, or with bytes from elsewhere. */
function someBytes(random: Random, path: string, isUnmodified: boolean): Uint8Array<ArrayBuffer> {
  const [from = 0, to = 0] = (path.split('/').at(-1) ?? '').split('-').map(Number);
  const unmodified = path.includes('/snapshots/')
    ? SNAPSHOT.bytes
    : deltaOf(ENTRIES.filter(({ seq }) => seq > from && seq <= to));
  return isUnmodified || random.chance(0.6) ? unmodified : mutateBytes(random, unmodified);
}

const outcomes: Partial<Record<'ok' | RefreshError['code'], Reached>> = {
  ok: 'seen',
  feed_unreachable: 'seen',
  feed_malformed: 'seen',
  feed_over_limit: 'rare',
  head_malformed: 'seen',
  head_extension_unknown: 'rare',
  head_signature: 'seen',
  head_issuer: 'rare',
  head_shard: 'rare',
  head_from_future: 'rare',
  head_rollback: 'rare',
  head_fork: 'rare',
  head_epoch: 'rare',
  delta_malformed: 'seen',
  entries_gap: 'seen',
  chain_mismatch: 'seen',
  snapshot_invalid: 'seen',
};

const isSame = (a: unknown, b: unknown): boolean =>
  canonicalJson(json(a)) === canonicalJson(json(b));

/** The ids of the workflows that are stopped after that many entries. */
const STOPPED: readonly (readonly [seq: number, id: string])[] = [
  ...([
    [1, 'wf_1'],
    [2, 'wf_2'],
    [6, 'wf_6'],
  ] as const),
];

export const feed: ParserCampaign = {
  name: 'feed',
  outcomes: outcomes as Record<string, Reached>,
  cases: 1_500,
  attempt: async (random) => {
    const { wire, signed } = await someHead(random);
    let isUnmodified = true;
    const client = new FeedClient({
      issuer: ISSUER,
      feedKey: feedKeys.publicKey,
      now: () => at(10),
      fetch: async (path) => {
        if (!isUnmodified && random.chance(0.05)) return new Response('gone', { status: 503 });
        if (!path.endsWith('/head')) return new Response(someBytes(random, path, isUnmodified));
        return isUnmodified ? Response.json(FIRST) : new Response(writeJson(random, wire));
      },
    });
    const isStopped = (workflow: string) => client.find(question({ workflow })) !== undefined;
    const first = await client.refresh();
    claim(
      first.ok && isStopped('wf_1') && !isStopped('wf_9'),
      'the first head is not applied',
      first,
    );
    isUnmodified = false;
    const before = client.head;
    const refreshed = await client.refresh();
    claim(isStopped('wf_1'), 'a revocation is undone', wire);
    if (!refreshed.ok) {
      claim(client.head === before, 'a refused head is in force', wire);
      return refreshed.error.code;
    }
    const { seq, epoch, issued_at, issuer, keys } = refreshed.value;
    claim(
      issuer === ISSUER && keys.length > 0,
      'a head without an issuer or keys is in force',
      wire,
    );
    claim(issued_at <= seconds(10) + 60, 'a head from the future is in force', wire);
    claim(epoch > 1 || (seq >= 1 && issued_at >= seconds(1)), 'the feed goes back', wire);
    const isHeads = HEADS.some((known) => isSame(known, refreshed.value));
    const isSigned = isHeads || signed.some((head) => isSame(head, refreshed.value));
    claim(isSigned, 'an unsigned head is in force', wire);
    for (const [since, id] of isHeads ? STOPPED : []) {
      claim(isStopped(id) === seq >= since, 'the list differs from the one that the head signs', {
        id,
        seq,
      });
    }
    return 'ok';
  },
};
