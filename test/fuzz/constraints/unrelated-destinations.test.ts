/** Which patterns of a policy count as bounds, compared with the checks that they compile to. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UNRELATED_DESTINATIONS } from '../../../src/capability/constraints/unrelated-destinations.ts';
import {
  boundsSink,
  type Constraint,
  parseConstraint,
  type ValueConstraint,
} from '../../../src/capability/index.ts';
import { compiled } from './compiled.ts';

const RUNS = 2_000;
const TIMEOUT = 120_000; // Milliseconds; a few seconds on an idle core.

const atom = fc.constantFrom(
  ...[
    '.',
    '.*',
    '.+',
    '[a-z]',
    '[a-z]+',
    '[^@]+',
    '\\w+',
    '\\S*',
    '(?i:ZQ)',
    'zq',
    'https://',
    '@',
  ],
  ...[
    'a',
    'GB',
    '[0-9]+',
    '\\.',
    'example',
    '(?:com|org)',
    'acme',
    '/',
    ':',
    '-',
    '[[:alpha:]]*',
    '|',
  ],
);
const pattern = fc.array(atom, { minLength: 1, maxLength: 5 }).map((atoms) => atoms.join(''));
const segment = fc.constantFrom('*', '**', 'zq*', '*jxv', 'a', '*.*', 'zq', '*.md', '.*');
const glob = fc
  .tuple(fc.boolean(), fc.array(segment, { minLength: 1, maxLength: 3 }))
  .map(([isAbsolute, segments]) => (isAbsolute ? '/' : '') + segments.join('/'));
const edge = fc.oneof(
  fc.constantFrom(
    'h',
    'https:',
    'z',
    'zq',
    '@',
    '.com',
    'e',
    'GB',
    '@acme.example',
    '9',
    'x',
    '+9',
  ),
  fc.string({ maxLength: 3 }),
);
const affixOrPattern: fc.Arbitrary<ValueConstraint> = fc
  .oneof(
    pattern.map((matches) => ({ matches })),
    glob.map((text) => ({ glob: text })),
    edge.map((prefix) => ({ prefix })),
    edge.map((suffix) => ({ suffix })),
  )
  .filter((constraint) => parseConstraint(constraint).ok);

test(
  'a pattern that matches an unrelated destination bounds no sink, even in a policy',
  async () => {
    const seen = { open: 0, bounded: 0 };
    await fc.assert(
      fc.asyncProperty(affixOrPattern, async (constraint: Constraint) => {
        expect(boundsSink(constraint, 'request')).toBe(false);
        const isBounded = boundsSink(constraint, 'policy');
        seen[isBounded ? 'bounded' : 'open']++;
        if (!isBounded) return;
        const allows = compiled({ arguments: ['to'], constraints: { '/to': constraint } });
        for (const to of UNRELATED_DESTINATIONS) {
          expect([to, await allows({ to })]).not.toEqual([to, true]);
        }
      }),
      { numRuns: RUNS, seed: 16 },
    );
    expect(seen.open).toBeGreaterThan(RUNS / 10);
    expect(seen.bounded).toBeGreaterThan(RUNS / 10);
  },
  TIMEOUT,
);
