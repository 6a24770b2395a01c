import type { UnixSeconds } from '../../clock.ts';
import { utf8 } from '../../encoding.ts';
import { AUDIENCE_BYTES_MAX, KEY_ID_MAX } from '../../limits.ts';
import type { Head, HeadExtension } from './head.ts';
import {
  exactly,
  type Form,
  integer,
  isHash,
  listOf,
  literally,
  orNull,
  textUpTo,
  uint48,
} from './shape.ts';

/** What every key of a list has: a `type`, so that it is JSON without an index signature. */
type ListedKey = {
  /** Of its list. Never used again, also after the key was removed. */
  readonly id: number;
  /** Ed25519: 32 bytes in lower-case hex. */
  readonly public_key: string;
  /** From when on nothing that it signed counts. Null: when it is removed from the list. */
  readonly until: UnixSeconds | null;
};

/** A key whose receipts count: what a gateway has signed about answers that it served. */
export type ReceiptKey = ListedKey & {
  /** The audience of the gateway that has the private half. */
  readonly gateway: string;
};

/** A key whose approvals of single calls count. */
export type ApproverKey = ListedKey & {
  /** For whom it speaks: the issuer's URL, or the name of an operator as records have it. */
  readonly approver: string;
  /** The datasets whose calls it may approve. Null: all of them. */
  readonly datasets: readonly string[] | null;
};

/** The two lists of a head, each of which is an extension of its own. */
export interface HeadKeyLists {
  readonly receipt_keys: readonly ReceiptKey[];
  readonly approver_keys: readonly ApproverKey[];
}

/** The name of a list, and of its extension. */
export type HeadKeyList = keyof HeadKeyLists;

type KeysExtension<Name extends HeadKeyList> = HeadExtension & {
  readonly name: Name;
  readonly version: 1;
  readonly critical: false;
  readonly value: HeadKeyLists[Name];
};

/** In one list: more than a deployment has gateways, and twice that in a rotation. */
export const HEAD_LIST_KEYS_MAX = 16;
/** Of one list as JSON: 16 keys of gateways with URLs of 60 bytes take 2.8 KiB of a head's 16. */
const HEAD_LIST_BYTES_MAX = 3 * 1024;
/** Of one key. Larger limits would fill the list: a key without a limit is for all datasets. */
export const APPROVER_DATASETS_MAX = 8;
/** A dataset of an approver: long enough for three segments. */
export const APPROVER_DATASET_BYTES_MAX = 128;

const KEY_FORM = {
  id: integer(1, KEY_ID_MAX),
  public_key: isHash,
  until: orNull(uint48(0)),
};

const KEY_FORMS: { readonly [Name in HeadKeyList]: Form<HeadKeyLists[Name][number]> } = {
  receipt_keys: exactly<ReceiptKey>({ ...KEY_FORM, gateway: textUpTo(AUDIENCE_BYTES_MAX) }),
  approver_keys: exactly<ApproverKey>({
    ...KEY_FORM,
    approver: textUpTo(AUDIENCE_BYTES_MAX),
    datasets: orNull(listOf(APPROVER_DATASETS_MAX, textUpTo(APPROVER_DATASET_BYTES_MAX))),
  }),
};

const LIST_NAMES = Object.keys(KEY_FORMS) as readonly HeadKeyList[];

/** Returns whether a head has room for a list. */
export const fitsKeyList = (keys: HeadKeyLists[HeadKeyList]): boolean =>
  keys.length <= HEAD_LIST_KEYS_MAX && utf8(JSON.stringify(keys)).length <= HEAD_LIST_BYTES_MAX;

/** Each id and each key stands in a list once, so that a receipt has one signer. */
const hasNoDoubles = (keys: readonly ListedKey[]): boolean =>
  new Set(keys.map(({ id }) => id)).size === keys.length &&
  new Set(keys.map(({ public_key: key }) => key)).size === keys.length;

const isExtensionOf = <Name extends HeadKeyList>(name: Name): Form<KeysExtension<Name>> => {
  const isExact = exactly<KeysExtension<Name>>({
    name: literally<string>(name) as Form<Name>,
    version: literally(1),
    critical: literally(false),
    value: listOf(HEAD_LIST_KEYS_MAX, KEY_FORMS[name] as Form<unknown>) as Form<
      KeysExtension<Name>['value']
    >,
  });
  return (value): value is KeysExtension<Name> =>
    isExact(value) &&
    value.value.length > 0 &&
    fitsKeyList(value.value) &&
    hasNoDoubles(value.value);
};

const FORMS: { readonly [Name in HeadKeyList]: Form<KeysExtension<Name>> } = {
  receipt_keys: isExtensionOf('receipt_keys'),
  approver_keys: isExtensionOf('approver_keys'),
};

const isNamed = (one: HeadExtension, name: HeadKeyList): boolean =>
  one.name === name && one.version === 1;

/** Returns whether an extension is one of the two lists. */
export const isKeyList = (one: HeadExtension): boolean =>
  LIST_NAMES.some((name) => isNamed(one, name));

/** Returns whether an extension for which `isKeyList` is true has its form. */
export const hasKeyListForm = (one: HeadExtension): boolean =>
  LIST_NAMES.some((name) => FORMS[name](one));

/** Returns the extensions of the lists that have a key, in the order of a head. */
export const keyExtensions = (lists: HeadKeyLists): readonly HeadExtension[] =>
  [...LIST_NAMES].sort().flatMap((name) => {
    const value = lists[name];
    return value.length === 0 ? [] : [{ name, version: 1, critical: false, value: [...value] }];
  });

/** Checks nothing again: an opened head has its lists in their form. */
const listOfHead = <Name extends HeadKeyList>(
  { extensions = [] }: Pick<Head, 'extensions'>,
  name: Name,
): HeadKeyLists[Name] => {
  const found = extensions.find((one) => isNamed(one, name));
  return (found?.value ?? []) as unknown as HeadKeyLists[Name];
};

/** Returns the keys whose receipts count under an opened head of shard 0. */
export const receiptKeysOf = (head: Pick<Head, 'extensions'>): readonly ReceiptKey[] =>
  listOfHead(head, 'receipt_keys');

/** Returns the keys whose approvals of calls count under an opened head of shard 0. */
export const approverKeysOf = (head: Pick<Head, 'extensions'>): readonly ApproverKey[] =>
  listOfHead(head, 'approver_keys');
