import type { HeadExtension } from '../../src/feed/index.ts';
import { catalogueExtension } from '../../src/feed/log/index.ts';
import { NOW, signAsHead, VectorLog } from './log.ts';
import type { HeadVector } from './statements.ts';
import { type SequenceVector, STOPPED, step } from './steps.ts';

const HASH = 'ab'.repeat(32);
const CATALOGUE = catalogueExtension(HASH);
const note = (name: string, changes: object = {}): HeadExtension => ({
  name,
  version: 1,
  critical: false,
  value: null,
  ...changes,
});

const CASES: readonly (readonly [name: string, extensions: unknown, verdict: string])[] = [
  ['with a catalogue', [CATALOGUE], 'ok'],
  ['with an unknown extension that is not critical', [note('a', { value: { x: [1] } })], 'ok'],
  [
    'with another version of the catalogue, not critical',
    [note('catalogue', { version: 2 })],
    'ok',
  ],
  ['with 16 extensions', names(16).map((name) => note(name)), 'ok'],
  [
    'with an unknown critical extension',
    [CATALOGUE, note('later', { critical: true })],
    'head_extension_unknown',
  ],
  [
    'with a critical catalogue of another version',
    [{ ...CATALOGUE, version: 2 }],
    'head_extension_unknown',
  ],
  ['with an empty list of extensions', [], 'head_malformed'],
  ['with 17 extensions', names(17).map((name) => note(name)), 'head_malformed'],
  ['with an extension twice', [note('a'), note('a', { version: 2 })], 'head_malformed'],
  ['with extensions out of order', [note('b'), note('a')], 'head_malformed'],
  ['with an extension without a name', [note('')], 'head_malformed'],
  ['with an extension whose name is in upper case', [note('A')], 'head_malformed'],
  ['with an extension of version 0', [note('a', { version: 0 })], 'head_malformed'],
  ['with an extension that is critical as text', [note('a', { critical: 'no' })], 'head_malformed'],
  ['with an extension that has an unknown member', [note('a', { until: 1 })], 'head_malformed'],
  [
    'with an extension without a value',
    [{ name: 'a', version: 1, critical: false }],
    'head_malformed',
  ],
  ['with a catalogue that is not critical', [{ ...CATALOGUE, critical: false }], 'head_malformed'],
  ['with a catalogue of a short hash', [catalogueExtension(HASH.slice(2))], 'head_malformed'],
  [
    'with a catalogue that names more',
    [{ ...CATALOGUE, value: { hash: HASH, url: '' } }],
    'head_malformed',
  ],
  ['with extensions that are not a list', { catalogue: HASH }, 'head_malformed'],
];

/** Heads with extensions. Release 0.2.0 rejects each as malformed. */
export async function extensionVectors(): Promise<HeadVector[]> {
  const head = await new VectorLog().append({ kind: 'workflow', id: 'wf_1' }).head();
  return Promise.all(
    CASES.map(async ([name, extensions, verdict]) => ({
      name,
      wire: await signAsHead({ ...head, extensions }),
      verdict,
    })),
  );
}

/** Heads of a log that gets a catalogue, and that later gets an extension of a later release. */
export async function extensionSequences(): Promise<SequenceVector[]> {
  const log = new VectorLog().append({ kind: 'workflow', id: 'wf_1' });
  const deltas = [log.delta()];
  const stopped = STOPPED.slice(0, 1);
  const head = await log.head();
  const at = (seconds: number, extensions: readonly object[]) =>
    ({ ...head, issued_at: NOW + seconds, next_update: NOW + seconds + 5, extensions }) as never;
  const later = [CATALOGUE, note('later', { critical: true })];
  return [
    {
      name: 'a catalogue without a new entry',
      steps: [
        await step({ head, deltas, stopped }),
        await step({ head: at(1, [CATALOGUE]), stopped }),
        await step({ head, verdict: 'head_rollback', stopped }),
      ],
    },
    {
      name: 'a critical extension of a later release, and then none',
      steps: [
        await step({ head, deltas, stopped }),
        await step({ head: at(1, later), verdict: 'head_extension_unknown', stopped }),
        await step({ head: at(2, [CATALOGUE]), stopped }),
      ],
    },
  ];
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `extension_${String(index).padStart(2, '0')}`);
}
