import { toHex } from '../../src/encoding.ts';
import { type FeedEntry, NEVER_EXPIRES } from '../../src/feed/index.ts';
import {
  type CommonFields,
  type EntryKind,
  type EntryOf,
  encodeEntry,
} from '../../src/feed/log/index.ts';
import { EXPIRES, NOW, rootKey } from './log.ts';

export interface RecordVector {
  readonly name: string;
  readonly hex: string;
  /** What the record encodes; null if it must be rejected. */
  readonly entry: FeedEntry | null;
}

type Sample<Kind extends EntryKind> = readonly [
  name: string,
  fields: Omit<EntryOf<Kind>, 'kind' | keyof CommonFields>,
];

const AGENT = 'spiffe://acme.example/a';
const TOOL = 'crm.search';

/** Good entries of each kind. A new kind does not compile without a sample. */
const SAMPLES: { readonly [Kind in EntryKind]: readonly Sample<Kind>[] } = {
  workflow: [
    ['a workflow', { id: 'wf_1' }],
    ['a workflow of 64 bytes that are not ASCII', { id: 'é'.repeat(32) }],
  ],
  block: [['a block', { id: 'ab'.repeat(64) }]],
  suspension: [['a suspension', { id: 'wf_1' }]],
  resumption: [['a resumption', { id: 'wf_1', gen: 2 }]],
  watermark: [
    ['a watermark on all', { scope: 'all', value: '', before: NOW }],
    ['a watermark on a root key', { scope: 'issuer_key', value: rootKey.publicKey, before: NOW }],
    ['a watermark on an agent', { scope: 'agent', value: AGENT, before: NOW }],
    ['a watermark on a tool', { scope: 'tool', value: TOOL, before: NOW }],
    [
      'the smallest watermark, which stops what was issued in the first second of 1970',
      { scope: 'tool', value: TOOL, before: 2 },
    ],
  ],
  withdrawal: [['a withdrawal', { scope: 'agent', value: AGENT }]],
  denial: [
    ['a denial of a tool', { scope: 'tool', value: TOOL, before: NOW }],
    ['a denial of an agent', { scope: 'agent', value: AGENT, before: NOW }],
  ],
  lift: [['the lift of a denial', { scope: 'tool', value: TOOL }]],
};

/** The kinds that hold until another entry ends them. */
const LASTING: readonly EntryKind[] = ['denial', 'lift'];

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

const goodVectors = (): RecordVector[] =>
  Object.entries(SAMPLES).flatMap(([kind, samples]) =>
    samples.map(([name, fields]) => {
      const expires = LASTING.includes(kind as EntryKind) ? NEVER_EXPIRES : EXPIRES;
      const entry = { seq: 1, at: NOW, expires, kind, ...fields } as FeedEntry;
      return { name, hex: toHex(encodeEntry(entry)), entry };
    }),
  );

export const recordVectors = (): RecordVector[] => [
  ...goodVectors(),
  ...BAD.map(([name, hex]) => ({ name, hex, entry: null })),
];
