import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, toHex, utf8 } from '../../encoding.ts';
import { type Key, personalValuesOf } from '../entry/index.ts';
import type { AuditRecord } from '../kinds/index.ts';
import { type Field, termsOf } from './terms.ts';

/**
 * A tag says that a bundle of entries has a record with a term, to a reader who knows the term and
 * the key. 8 bytes, as 16 hex digits: two of a billion terms share one, and then a bundle is read
 * in vain.
 */
export type Tag = string;

export const TAG_BYTES = 8;

/** The keys of an index. */
export interface IndexKeys {
  /** The key of the log's index. */
  readonly index: Key;
  /** Returns the key of a person; undefined if it is erased or was never made. */
  readonly ofPerson: (person: string) => Key | undefined;
}

/**
 * Stands for each value that a search cannot ask for: a bundle with this tag may have any value in
 * the field.
 */
const ANY = '*';

/**
 * Makes the tags of an index. Most records of a log have the same terms, so what it made it knows:
 * one is for some thousand records.
 */
export class Tagger {
  readonly keys: IndexKeys;
  readonly #made = new Map<Key, { readonly mac: Mac; readonly tags: Map<string, Tag> }>();

  constructor(keys: IndexKeys) {
    this.keys = keys;
  }

  /** Returns the tag of a term. */
  tagOf(key: Key, field: Field, value: string): Tag {
    const { mac, tags } = this.#of(key);
    const term = `${field} ${value}`;
    let tag = tags.get(term);
    if (tag === undefined) {
      const message = concatBytes(utf8('hewn/index/v1'), framed(utf8(field)), framed(utf8(value)));
      tag = toHex(mac.clone().update(message).digest().slice(0, TAG_BYTES));
      tags.set(term, tag);
    }
    return tag;
  }

  /** Returns the tag of a field whose values are not in the index. */
  anyTagOf(key: Key, field: Field): Tag {
    return this.tagOf(key, `${field}${ANY}` as Field, '');
  }

  #of(key: Key) {
    let known = this.#made.get(key);
    if (!known) {
      known = { mac: hmac.create(sha256, key), tags: new Map() };
      this.#made.set(key, known);
    }
    return known;
  }
}

type Mac = ReturnType<typeof hmac.create>;

/**
 * Returns the tags of a record. Subjects are under their own keys, so that erasing a key erases
 * them. Another value that is personal has no tag of its own: anyone with the key of the
 * index could guess it.
 */
export function tagsOf(record: AuditRecord, tagger: Tagger): ReadonlySet<Tag> {
  const { keys } = tagger;
  const personal = new Set(personalValuesOf(record).map(({ name }) => name));
  const tags = termsOf(record).map(({ field, value, member }) => {
    if (value === undefined) return tagger.anyTagOf(keys.index, field);
    if (field === 'subject') {
      const key = keys.ofPerson(value);
      return key ? tagger.tagOf(key, field, value) : undefined;
    }
    return personal.has(member)
      ? tagger.anyTagOf(keys.index, field)
      : tagger.tagOf(keys.index, field, value);
  });
  return new Set(tags.filter((tag) => tag !== undefined));
}

/** One thing that is looked for: a bundle must have one of these tags. */
export type WantedTags = readonly Tag[];

/** Returns the tags that a search asks for; undefined if no bundle can have the term. */
export function wantedTags(
  terms: readonly { readonly field: Field; readonly value: string }[],
  keys: IndexKeys,
): readonly WantedTags[] {
  const tagger = new Tagger(keys);
  return terms.map(({ field, value }) => {
    const any = tagger.anyTagOf(keys.index, field);
    if (field !== 'subject') return [tagger.tagOf(keys.index, field, value), any];
    const key = keys.ofPerson(value);
    return key ? [tagger.tagOf(key, field, value), any] : [any];
  });
}

/** The bytes after their length, so that no two lists of parts are the same bytes. */
function framed(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concatBytes(length, bytes);
}
