import fc from 'fast-check';
import type { Json } from '../../../../src/canonical-json.ts';
import type { ValueConstraint } from '../../../../src/capability/index.ts';
import type { Model } from './model.ts';

type From = Extract<ValueConstraint, { from: unknown }>;

/** What the tests attest of every call. Its values are in the samples of other kinds, too. */
export const ATTESTED: readonly {
  readonly value: string | number;
  readonly sources: readonly string[];
}[] = [
  { value: 'GB1', sources: ['own:iban', 'own:iban named', 'mcp/bank/payees#/*/iban@bank'] },
  { value: 'a', sources: ['own:iban', 'mcp/bank/payees#/*/iban@bank'] },
  { value: 'ab', sources: ['prompt'] },
  { value: '7', sources: ['server:id'] },
  { value: 3, sources: ['prompt', 'peer:id'] },
  { value: 0.5, sources: ['own:amount'] },
  { value: '', sources: ['peer:id named'] },
];

const origins = fc.constantFrom(
  ...['own:iban', 'own:iban named', 'own:amount', 'prompt', 'server:id', 'peer:id', 'approved'],
  ...['peer:id named', 'self', '=b', '=', '=7', '#7', '#0.5', '#-1', '#3', '=own:iban', '=#7'],
  { tool: 'mcp/bank/payees', pointer: '/*/iban', dataset: 'bank' },
  { tool: 'mcp/bank/payees', pointer: '/*/iban' },
) as fc.Arbitrary<From['from'][number]>;

const VALUES: readonly Json[] = [
  ...['GB1', 'a', 'ab', '7', 3, 0.5, '', 'b', 7, -1, 'own:iban', '#7', 'gb1', 'GB1 ', 'prompt'],
  ...['=b', '3', '0.5', true, null, ['a'], { a: 'a' }, 'self', 'x'],
];

/** Naive: the texts of the origins are written out, and a value is compared with each. */
function isFrom(value: Json, wanted: From['from']): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const has = ATTESTED.filter((one) => one.value === value).flatMap(({ sources }) => sources);
  return wanted.some((origin) => {
    if (typeof origin === 'object') {
      return has.includes(`mcp/bank/payees#/*/iban${origin.dataset === undefined ? '' : '@bank'}`);
    }
    if (origin.startsWith('=')) return value === origin.slice(1);
    if (origin.startsWith('#')) return value === Number(origin.slice(1));
    return has.includes(origin);
  });
}

export const from: Model<From, From['from']> = {
  samples: fc
    .uniqueArray(origins, { minLength: 1, maxLength: 4, selector: (one) => JSON.stringify(one) })
    .map((all) => {
      const met = VALUES.filter((value) => isFrom(value, all));
      return { constraint: { from: all }, values: [...met, ...met, ...met, ...VALUES] };
    }),
  isMet: isFrom,
};
