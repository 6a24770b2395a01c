/** The trust feed from whoever stands in its way: it moves forward, by what is signed, or not at all. */
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson, type Json } from '../../../src/canonical-json.ts';
import {
  FeedClient,
  type RefreshError,
  type SignedHead,
  signHead,
} from '../../../src/feed/index.ts';
import { at, ISSUER } from '../../unit/fixtures/issuer.ts';
import { entry, feedKeys, headOver, seconds, sign } from '../../unit/fixtures/log.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';

const ENTRIES = [1, 2, 3, 4].map((seq) => entry(seq));
const HEADS = await Promise.all([1, 3, 4].map((seq, i) => headOver(ENTRIES.slice(0, seq), i + 1)));
const SIGNED = await Promise.all(HEADS.map((head) => sign(head)));
const stranger = (await crypto.subtle.generateKey('Ed25519', true, [
  'sign',
  'verify',
])) as CryptoKeyPair;
const [FIRST, ...LATER] = SIGNED;

interface Offered {
  readonly wire: Json;
  /** What the feed's own key has signed, whatever was made of it since. */
  readonly signed: readonly Json[];
}

/** A head that is signed, and whose content its keeper would never write; or by a stranger. */
async function signedMutant(random: Random): Promise<Offered> {
  const head = mutateJsonOften(random, (HEADS[1] ?? {}) as unknown as Json);
  const isOurs = random.chance(0.7);
  const key = isOurs ? feedKeys.privateKey : stranger.privateKey;
  try {
    const wire = await signHead(
      head as never,
      async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes)),
    );
    return { wire: wire as unknown as Json, signed: isOurs ? [head] : [] };
  } catch {
    return { wire: null, signed: [] }; // What has no canonical form cannot be signed.
  }
}

/** With a payload that nobody signed, under a signature that was good for another. */
const resigned = (random: Random, honest: SignedHead): Json => {
  const { payload, signature } = random.pick(SIGNED as [SignedHead, ...SignedHead[]]);
  const text = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json;
  const changed = Buffer.from(JSON.stringify(mutateJsonOften(random, text))).toString('base64url');
  const forged = random.chance(0.5) ? { payload, signature: honest.signature } : undefined;
  return forged ?? { payload: changed, signature };
};

async function someHead(random: Random): Promise<Offered> {
  const honest = random.pick(LATER as [SignedHead, ...SignedHead[]]);
  const json = honest as unknown as Json;
  if (random.chance(0.3)) return { wire: json, signed: [] };
  if (random.chance(0.5)) return signedMutant(random);
  const wire = random.chance(0.4) ? resigned(random, honest) : mutateJsonOften(random, json);
  return { wire, signed: [] };
}

function someEntries(random: Random, after: number, to: number): Json {
  const page = ENTRIES.slice(after, to) as unknown as Json;
  return random.chance(0.3) ? mutateJsonOften(random, page) : page;
}

const outcomes: Partial<Record<'ok' | RefreshError['code'], Reached>> = {
  ok: 'seen',
  feed_unreachable: 'seen',
  feed_malformed: 'seen',
  head_malformed: 'seen',
  head_signature: 'seen',
  head_issuer: 'rare',
  head_from_future: 'rare',
  head_rollback: 'rare',
  entries_gap: 'rare',
  chain_mismatch: 'seen',
};

const isSame = (a: unknown, b: unknown): boolean =>
  canonicalJson(a as Json) === canonicalJson(b as Json);

export const feed: ParserCampaign = {
  name: 'feed',
  outcomes: outcomes as Record<string, Reached>,
  cases: 1_500,
  attempt: async (random) => {
    const { wire: offered, signed } = await someHead(random);
    let head: Json = FIRST as unknown as Json;
    let isHonest = true;
    const client = new FeedClient({
      ...{ issuer: ISSUER, feedKey: feedKeys.publicKey, now: () => at(10) },
      fetch: async (path) => {
        const query = new URL(path, ISSUER).searchParams;
        const [after, to] = [query.get('after'), query.get('to')].map(Number);
        const body = path.includes('/entries')
          ? isHonest
            ? (ENTRIES.slice(after, to) as unknown as Json)
            : someEntries(random, after ?? 0, to ?? 0)
          : head;
        if (isHonest) return Response.json(body);
        if (random.chance(0.05)) return new Response('gone', { status: 503 });
        return new Response(writeJson(random, body));
      },
    });
    const first = await client.refresh();
    claim(first.ok && client.find(['wf_1'], []) !== undefined, 'the first head is applied', first);
    isHonest = false;
    head = offered;
    const before = client.head;
    const refreshed = await client.refresh();
    claim(client.find(['wf_1'], []) !== undefined, 'a revocation is undone', offered);
    if (!refreshed.ok) {
      claim(client.head === before, 'a head that is refused is in force', offered);
      return refreshed.error.code;
    }
    const { seq, epoch, issued_at, issuer, keys } = refreshed.value;
    claim(issuer === ISSUER && keys.length > 0, 'a head of nobody', offered);
    claim(issued_at <= seconds(10) + 60, 'a head from the future', offered);
    claim(epoch > 1 || (seq >= 1 && issued_at >= seconds(1)), 'the feed goes back', offered);
    const honest = HEADS.find((known) => isDeepStrictEqual(known, refreshed.value));
    const isSigned = honest !== undefined || signed.some((head) => isSame(head, refreshed.value));
    claim(isSigned, 'a head that nobody signed is in force', offered);
    for (const { id } of honest ? ENTRIES.slice(0, seq) : []) {
      claim(client.find([id], []) !== undefined, 'an entry of the head is not applied', id);
    }
    return 'ok';
  },
};
