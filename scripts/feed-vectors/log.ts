import { canonicalJson, type Json } from '../../src/canonical-json.ts';
import type { UnixSeconds } from '../../src/clock.ts';
import {
  concatBytes,
  fromBase64Url,
  fromHex,
  toBase64Url,
  toHex,
  utf8,
} from '../../src/encoding.ts';
import type { FeedEntry, Head, Position, Signed } from '../../src/feed/index.ts';
import { chainInput, encodeEntry, epochInput } from '../../src/feed/log/index.ts';

/** A log with fixed keys and times, which can also sign what no honest log would. */

export const ISSUER = 'https://issuer.example';
/** When every vector is judged, unless it has a time of its own. */
export const NOW: UnixSeconds = 1_800_000_000;
export const EXPIRES = NOW + 3_600;

type Bytes = Uint8Array<ArrayBuffer>;
export type Sign = (bytes: Bytes) => Promise<Uint8Array>;

const PKCS8 = fromHex('302e020100300506032b657004220420') ?? new Uint8Array();

/** Returns an Ed25519 key of 32 equal bytes. Ed25519 signatures are deterministic. */
export async function fixedKey(byte: number): Promise<{ sign: Sign; publicKey: string }> {
  const pkcs8 = concatBytes(PKCS8, new Uint8Array(32).fill(byte));
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x = '' } = (await crypto.subtle.exportKey('jwk', key)) as { x?: string };
  return {
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes)),
    publicKey: toHex(fromBase64Url(x) ?? new Uint8Array()),
  };
}

export const feedKey = await fixedKey(1);
export const operatorKey = await fixedKey(2);
export const rootKey = await fixedKey(3);

export const sha256 = async (bytes: Bytes): Promise<string> =>
  toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));

/** Signs any payload correctly. */
export async function signRaw(text: string, domain: string, sign: Sign): Promise<Signed> {
  const signature = await sign(utf8(`${domain}\0${text}`));
  return { payload: toBase64Url(utf8(text)), signature: toBase64Url(signature) };
}

export const signAsHead = (
  head: object,
  domain = 'hewn-feed-head-v2',
  sign = feedKey.sign,
): Promise<Signed> => signRaw(canonicalJson(head as unknown as Json), domain, sign);

type Unnumbered<Entry> = Entry extends FeedEntry ? Omit<Entry, 'seq' | 'at' | 'expires'> : never;
export type NewEntry = Unnumbered<FeedEntry>;

export class VectorLog {
  readonly entries: FeedEntry[] = [];
  readonly start: {
    readonly shard: number;
    readonly epoch: number;
    readonly previous: Position | null;
  };

  constructor(start: Partial<VectorLog['start']> = {}) {
    this.start = { shard: 0, epoch: 1, previous: null, ...start };
  }

  append(...all: readonly (NewEntry & { readonly expires?: number })[]): this {
    for (const entry of all) {
      const seq = (this.start.previous?.seq ?? 0) + this.entries.length + 1;
      this.entries.push({ seq, at: NOW, expires: EXPIRES, ...entry } as FeedEntry);
    }
    return this;
  }

  /** Returns the position after the first `count` entries. */
  async position(count = this.entries.length): Promise<Position> {
    let chain = await sha256(epochInput({ issuer: ISSUER, ...this.start }));
    let seq = this.start.previous?.seq ?? 0;
    for (const entry of this.entries.slice(0, count)) {
      chain = await sha256(chainInput(chain, encodeEntry(entry)));
      seq = entry.seq;
    }
    return { epoch: this.start.epoch, seq, chain };
  }

  async head(
    changes: Partial<Head> & { readonly count?: number } = {},
    upTo?: number,
  ): Promise<Head> {
    const issued_at = changes.issued_at ?? NOW;
    return {
      v: 2,
      issuer: ISSUER,
      ...this.start,
      ...(await this.position(upTo)),
      count: this.entries.length,
      issued_at,
      next_update: issued_at + 5,
      keys: [{ id: 1, publicKey: rootKey.publicKey }],
      watermarks: [],
      snapshot: null,
      delta_from: this.start.previous?.seq ?? 0,
      ...changes,
    };
  }

  /** Returns the records of the entries from index `from` up to `to`, in hex. */
  delta(from = 0, to = this.entries.length): string {
    return toHex(concatBytes(...this.entries.slice(from, to).map(encodeEntry)));
  }
}
