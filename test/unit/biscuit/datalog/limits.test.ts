import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, type Limits } from '../../../../src/biscuit/limits.ts';
import { cpuMilliseconds } from '../../cpu-time.ts';
import { answer, type Scene } from './scene.ts';

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name}(${i});`).join('');

const HOSTILE: readonly [string, keyof Limits, Scene][] = [
  [
    'a join of facts with themselves',
    'joinStepsMax',
    { blocks: ['', `${numbered('f', 60)} check if f($a), f($b), f($c), f($d), g($a)`] },
  ],
  [
    'an expression for each of many combinations',
    'expressionStepsMax',
    { blocks: ['', `${numbered('f', 900)} check if f($a), f($b), $a === -1`] },
  ],
  [
    'a rule that counts without end',
    'iterationsMax',
    {
      blocks: [
        'f(0); f($y) <- f($x), g($x, $y);' +
          Array.from({ length: 200 }, (_, i) => `g(${i}, ${i + 1});`).join(''),
      ],
    },
  ],
  [
    'a product of facts',
    'factsMax',
    { blocks: [`${numbered('f', 40)} g($a, $b) <- f($a), f($b)`] },
  ],
  ['facts by the thousand', 'factsMax', { blocks: [numbered('f', 1_001)] }],
  ['too many blocks', 'blocksMax', { blocks: Array.from({ length: 25 }, () => '') }],
  [
    'closures over closures',
    'expressionStepsMax',
    {
      blocks: [
        `s([${numbered('', 0)}${Array.from({ length: 60 }, (_, i) => i).join()}]);
         check if s($s), $s.all($a -> $s.all($b -> $s.all($c -> $a + $b + $c >= 0)))`,
      ],
    },
  ],
  [
    'a tower of closures',
    'closureDepthMax',
    { blocks: [`check if ${'(true && '.repeat(20)}true${')'.repeat(20)}`] },
  ],
  [
    'text that grows',
    'stringUnitsMax',
    { blocks: [`${numbered('f', 30)} check if f($a), f($b), "${'x'.repeat(900)}" + "y" === ""`] },
  ],
  [
    'long texts that differ at their ends',
    'stringUnitsMax',
    {
      blocks: [
        `${Array.from({ length: 40 }, (_, i) => `a(${i}, "${'x'.repeat(600)}${10 + i}");`).join('')}
         check if a($a, $s), a($b, $t), $s === $t, $a !== $b`,
      ],
    },
  ],
  [
    'a search that goes back',
    'stringUnitsMax',
    {
      blocks: [
        `${numbered('f', 20)} check if f($a), f($b),
         "${'a'.repeat(4_000)}".contains("${'a'.repeat(2_000)}b")`,
      ],
    },
  ],
  [
    'large sets compared with each other',
    'expressionStepsMax',
    {
      blocks: [
        `${Array.from({ length: 40 }, (_, i) => `a({${Array.from({ length: 60 }, (__, j) => i + j).join()}});`).join('')}
         check if a($x), a($y), $x !== $y`,
      ],
    },
  ],
  [
    'a pattern that backtracking engines choke on',
    'regexStepsMax',
    { blocks: [`check if "${'a'.repeat(9_000)}".matches("^(a|a|aa|aaa)*(a+)+$") && false`] },
  ],
  [
    'a pattern of large counts',
    'regexProgramMax',
    { blocks: ['check if "a".matches("(a{99}){99}")'] },
  ],
  [
    'a pattern of many characters',
    'regexPatternBytesMax',
    { blocks: [`check if "a".matches("${'é'.repeat(600)}")`] },
  ],
  [
    'a predicate of very many variables',
    'joinStepsMax',
    {
      blocks: [
        `${numbered('g', 50)} f(${Array.from({ length: 900 }, (_, i) => i).join()});
         check if g($a), g($b), f(${Array.from({ length: 900 }, (_, i) => `$v${i}`).join()}), $a === -1`,
      ],
    },
  ],
  [
    'a scope of very many keys',
    'expressionStepsMax',
    {
      blocks: Array.from({ length: 20 }, (_, i) =>
        i === 0
          ? ''
          : `check if true trusting ${Array.from({ length: 400 }, () => `ed25519/${'07'.repeat(32)}`).join()}`,
      ),
    },
  ],
  [
    'many large patterns',
    'regexStepsMax',
    {
      blocks: [
        `check if ${Array.from({ length: 30 }, (_, i) => `"a".matches("${'(x)'.repeat(300)}${i}")`).join(' || ')}`,
      ],
    },
  ],
];

test.each(HOSTILE)('%s ends at %s', async (_, limit, scene) => {
  const milliseconds = await cpuMilliseconds(() => expect(answer(scene)).toBe(limit));
  // A loose bound that catches work which no limit counts: the most expensive of these takes a few
  // ms.
  expect(milliseconds).toBeLessThan(1_000);
});

test('an exceeded limit cannot be caught', () => {
  const body = `${numbered('f', 900)} check if f($a), f($b), ($a === -1).try_or(true) && false`;
  expect(answer({ blocks: ['', body] })).toBe('expressionStepsMax');
});

test('limits hold exactly', () => {
  const limits = (changes: Partial<Limits>) => ({ ...DEFAULT_LIMITS, ...changes });
  const blocks = ['f(0); f(1); check if f($x), f($y)'];
  // The first query without expressions stops at its first match, so two facts are tried.
  expect(answer({ blocks, limits: limits({ joinStepsMax: 2 }) })).toBe('allowed');
  expect(answer({ blocks, limits: limits({ joinStepsMax: 1 }) })).toBe('joinStepsMax');
  const sum = { blocks: ['check if 1 + 1 === 2'], authorizer: 'allow if a(1) or 1 < 2' };
  expect(answer({ ...sum, limits: limits({ expressionStepsMax: 8 }) })).toBe('allowed');
  expect(answer({ ...sum, limits: limits({ expressionStepsMax: 7 }) })).toBe('expressionStepsMax');
});

test('the last allowed fact and round are those of the reference', () => {
  const given = (count: number) => `${numbered('f', count)} g(1) <- f(0);`;
  expect(answer({ blocks: [given(998)] })).toBe('allowed');
  expect(answer({ blocks: [given(999)] })).toBe('factsMax');
  const chain = (rounds: number) =>
    `f(0); f($y) <- f($x), g($x, $y);${Array.from({ length: rounds }, (_, i) => `g(${i}, ${i + 1});`).join('')}`;
  expect(answer({ blocks: [chain(99)] })).toBe('allowed');
  expect(answer({ blocks: [chain(100)] })).toBe('iterationsMax');
});
