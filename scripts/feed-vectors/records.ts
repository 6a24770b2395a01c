import { toHex } from '../../src/encoding.ts';
import { type FeedEntry, NEVER_EXPIRES } from '../../src/feed/index.ts';
import { encodeEntry } from '../../src/feed/log/index.ts';
import { EXPIRES, NOW, rootKey, type Said } from './log.ts';

export interface RecordVector {
  readonly name: string;
  readonly hex: string;
  /** What it says; null where it is none. */
  readonly entry: FeedEntry | null;
}

const BLOCK = 'ab'.repeat(64);
const SAID: readonly (readonly [string, Said])[] = [
  ['a workflow', { kind: 'workflow', id: 'wf_1' }],
  ['a workflow of 64 bytes that are not ASCII', { kind: 'workflow', id: 'é'.repeat(32) }],
  ['a block', { kind: 'block', id: BLOCK }],
  ['a suspension', { kind: 'suspension', id: 'wf_1' }],
  ['a resumption', { kind: 'resumption', id: 'wf_1', gen: 2 }],
  ['a watermark on all', { kind: 'watermark', scope: 'all', value: '', before: NOW }],
  [
    'a watermark on a root key',
    { kind: 'watermark', scope: 'issuer_key', value: rootKey.publicKey, before: NOW },
  ],
  [
    'a watermark on an agent',
    { kind: 'watermark', scope: 'agent', value: 'spiffe://acme.example/a', before: NOW },
  ],
  ['a watermark on a tool', { kind: 'watermark', scope: 'tool', value: 'crm.search', before: NOW }],
  [
    'the smallest watermark, which stops what was issued in the first second of 1970',
    { kind: 'watermark', scope: 'tool', value: 'crm.search', before: 2 },
  ],
  ['a withdrawal', { kind: 'withdrawal', scope: 'agent', value: 'spiffe://acme.example/a' }],
];

/** Held until an entry ends it: `expires` is the largest number there is. */
const LASTING: readonly (readonly [string, Said])[] = [
  ['a denial of a tool', { kind: 'denial', scope: 'tool', value: 'crm.search', before: NOW }],
  [
    'a denial of an agent',
    { kind: 'denial', scope: 'agent', value: 'spiffe://acme.example/a', before: NOW },
  ],
  ['the lift of a denial', { kind: 'lift', scope: 'tool', value: 'crm.search' }],
];

const HEADER = '000000000001' + '00006b49d200' + '00006b49e010';

const BAD: readonly (readonly [string, string])[] = [
  ['kind 0', `00${HEADER}0477665f31`],
  ['kind 6', `06${HEADER}0477665f31`],
  ['seq 0', `02${HEADER.replace('000000000001', '000000000000')}0477665f31`],
  ['no id', `02${HEADER}00`],
  ['an id that is cut', `02${HEADER}0477665f`],
  ['a byte after its end', `02${HEADER}0477665f3100`],
  ['an id of 65 bytes', `02${HEADER}41${'61'.repeat(65)}`],
  ['an id that is not UTF-8', `02${HEADER}02c328`],
  ['an overlong form of UTF-8', `02${HEADER}02c0af`],
  ['a surrogate in UTF-8', `02${HEADER}03eda080`],
  ['a block of 129 bytes', `03${HEADER}81${'61'.repeat(129)}`],
  ['gen 0', `05${HEADER}0000000000000477665f31`],
  ['a watermark of scope 7', `01${HEADER}07000000000001000161`],
  ['a watermark on all, with a value', `01${HEADER}00000000000001000161`],
  ['a watermark on an agent, without a value', `01${HEADER}020000000000010000`],
  ['a watermark before 0', `01${HEADER}02000000000000000161`],
  ['a watermark of 2,049 bytes', `01${HEADER}020000000000010801${'61'.repeat(2_049)}`],
  ['a header and nothing else', `02${HEADER}`],
  ['a kind and nothing else', '02'],
];

const good = ([name, said]: readonly [string, Said], expires: number): RecordVector => {
  const entry = { seq: 1, at: NOW, expires, ...said } as FeedEntry;
  return { name, hex: toHex(encodeEntry(entry)), entry };
};

export const recordVectors = (): RecordVector[] => [
  ...SAID.map((each) => good(each, EXPIRES)),
  ...LASTING.map((each) => good(each, NEVER_EXPIRES)),
  ...BAD.map(([name, hex]) => ({ name, hex, entry: null })),
];
