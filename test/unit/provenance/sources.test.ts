import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  coversOrigin,
  type FieldPlace,
  fieldOrigins,
  originText,
  readOrigin,
  type ValueOrigin,
  valueOrigin,
} from '../../../src/provenance/index.ts';

describe('an origin', () => {
  test.each<[ValueOrigin, unknown]>([
    ['prompt', { kind: 'prompt' }],
    ['approved', { kind: 'approved' }],
    ['self', { kind: 'self' }],
    ['=', { kind: 'value', value: '' }],
    ['=self', { kind: 'value', value: 'self' }],
    ['#-0.5', { kind: 'value', value: -0.5 }],
    ['own:iban', { kind: 'field', by: 'own', of: 'iban', named: false }],
    ['peer:email named', { kind: 'field', by: 'peer', of: 'email', named: true }],
    [
      { tool: 'a', pointer: '' },
      { kind: 'place', place: { tool: 'a', pointer: '' } },
    ],
  ])('is read: %j', (origin, meaning) => {
    expect(readOrigin(origin)).toEqual(meaning);
  });

  test.each<unknown>([
    ...['', 'Prompt', 'own', 'own:', 'own:IBAN', 'other:iban', 'own:iban  named', 'own:iban Named'],
    ...['own:iban named ', '#', '#7.0', '#07', '#-0', '#1e3', '#0x7', '# 7', '#٣', '#1.1234567'],
    ...[null, 7, [], {}, { tool: 'a' }, { pointer: '' }, { tool: '', pointer: '' }],
    ...[
      { tool: 'a', pointer: 'x' },
      { tool: 'a', pointer: '', other: 1 },
    ],
    ...[
      { tool: 'a', pointer: '', named: false },
      { tool: 'a', pointer: '', dataset: '' },
    ],
    ...[
      { tool: 'a'.repeat(513), pointer: '' },
      { tool: 'a', pointer: `/${'x'.repeat(512)}` },
      { tool: 'a', pointer: '', dataset: 'd'.repeat(513) },
    ],
    Object.create({ tool: 'a', pointer: '' }),
  ])('is nothing else: %j', (origin) => {
    expect(readOrigin(origin)).toBeUndefined();
  });
});

const part = fc.oneof(
  fc.constantFrom(
    'a',
    '=a',
    '#7',
    'a#/x',
    'a@b',
    'a b',
    '/x',
    '%23',
    'prompt',
    'own:iban',
    ' named',
  ),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const place = fc
  .record(
    { tool: part, pointer: part.map((one) => `/${one}`), dataset: part, named: fc.constant(true) },
    { requiredKeys: ['tool', 'pointer'] },
  )
  .map((one) => one as FieldPlace);
const value = fc.oneof(part, fc.integer()).map(valueOrigin);
const word = fc.constantFrom<ValueOrigin>(
  'prompt',
  'approved',
  'self',
  'own:iban',
  'own:iban named',
);
const origin: fc.Arbitrary<ValueOrigin> = fc.oneof(place, value, word);

test('two origins have the same text only if they mean the same', () => {
  fc.assert(
    fc.property(origin, origin, (one, other) => {
      fc.pre(JSON.stringify(readOrigin(one)) !== JSON.stringify(readOrigin(other)));
      expect(originText(one)).not.toBe(originText(other));
    }),
    { numRuns: 5_000 },
  );
});

test('a number and its text are two origins', () => {
  expect(valueOrigin(7)).toBe('#7');
  expect(valueOrigin('7')).toBe('=7');
  expect(valueOrigin('#7')).toBe('=#7');
  expect(valueOrigin(-0)).toBe('#0');
});

describe('one origin covers another', () => {
  const at = { tool: 'a', pointer: '/x' };
  test.each<[ValueOrigin, ValueOrigin, boolean]>([
    ['own:iban', 'own:iban', true],
    ['own:iban', 'own:iban named', true],
    ['own:iban named', 'own:iban', false],
    ['own:iban', 'peer:iban', false],
    ['own:iban', 'own:email', false],
    ['prompt', 'approved', false],
    ['=a', '=b', false],
    [at, { ...at, dataset: 'd' }, true],
    [{ ...at, dataset: 'd' }, at, false],
    [{ ...at, dataset: 'd' }, { ...at, dataset: 'd/e' }, true],
    [{ ...at, dataset: 'd' }, { ...at, dataset: 'de' }, false],
    [at, { ...at, named: true }, true],
    [{ ...at, named: true }, at, false],
    [at, { tool: 'b', pointer: '/x' }, false],
    ['own:iban', at, false],
  ])('%j covers %j: %s', (granted, asked, covers) => {
    expect(coversOrigin(granted, asked)).toBe(covers);
  });

  test('if each field that has the one also has the other', () => {
    const fields = fc.record({
      tool: fc.constantFrom('a', 'b'),
      pointer: fc.constantFrom('/x', '/y'),
      by: fc.constantFrom('own' as const, 'peer' as const),
      kind: fc.constantFrom('iban', 'email'),
      datasets: fc.array(fc.constantFrom('d', 'd/e', 'de'), { minLength: 1, maxLength: 2 }),
      named: fc.boolean(),
    });
    const small = fc.oneof(
      fc.constantFrom<ValueOrigin>('own:iban', 'own:iban named', 'peer:iban', 'own:email'),
      fc
        .record(
          {
            tool: fc.constantFrom('a', 'b'),
            pointer: fc.constantFrom('/x', '/y'),
            dataset: fc.constantFrom('d', 'd/e'),
            named: fc.constant(true as const),
          },
          { requiredKeys: ['tool', 'pointer'] },
        )
        .map((one) => one as FieldPlace),
    );
    let covered = 0;
    fc.assert(
      fc.property(small, small, fc.array(fields), (granted, asked, all) => {
        if (!coversOrigin(granted, asked)) return;
        covered++;
        for (const field of all) {
          const has = fieldOrigins(field);
          if (has.includes(originText(asked))) expect(has).toContain(originText(granted));
        }
      }),
      { numRuns: 5_000 },
    );
    expect(covered).toBeGreaterThan(100);
  });
});

test('a field has its author, its place and each dataset around it, named or not', () => {
  const field = {
    tool: 'crm.find',
    pointer: '/*/id',
    by: 'server',
    kind: 'id',
    datasets: ['crm/eu'],
    named: true,
  } as const;
  const plain = ['server:id', 'crm.find#/*/id', 'crm.find#/*/id@crm', 'crm.find#/*/id@crm/eu'];
  expect(fieldOrigins({ ...field, named: false })).toEqual(plain);
  expect(fieldOrigins(field)).toEqual(plain.flatMap((one) => [one, `${one} named`]));
  expect(fieldOrigins({ ...field, datasets: ['crm', 'hr'], named: false })).toEqual(
    plain.slice(0, 2),
  );
});
