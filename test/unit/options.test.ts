import { expect, test } from 'vitest';
import {
  anything,
  callable,
  integerFrom,
  type Members,
  numberFrom,
  object,
  oneOf,
  optional,
  optionsFault,
  readOptions,
  text,
} from '../../src/options.ts';

interface Lamp {
  readonly colour: string;
  readonly watts?: number;
  readonly broken?: () => void;
}
const LAMP: Members<Lamp> = {
  colour: text,
  watts: optional(numberFrom(0)),
  broken: optional(callable),
};
const fault = (given: unknown) => optionsFault(given, 'lamp', LAMP);

test('returns options with exactly the known members unchanged', () => {
  const given: Lamp = { colour: 'red', watts: 0, broken: () => undefined };
  expect(readOptions(given, 'lamp', LAMP)).toBe(given);
  expect(fault({ colour: 'red' })).toBeUndefined();
  expect(fault(Object.assign(Object.create(null), { colour: 'red' }))).toBeUndefined();
});

test('rejects an unknown member, and lists the known ones and a likely spelling', () => {
  expect(fault({ colour: 'red', wats: 5 })).toBe(
    'lamp: unknown member `wats`. Did you mean `watts`? Known members: colour, watts, broken.',
  );
  expect(fault({ colour: 'red', wattsMax: 5 })).toContain('Did you mean `watts`?');
  expect(fault({ colour: 'red', shade: 5 })).not.toContain('Did you mean');
  expect(() => readOptions({ color: 'red' } as unknown as Lamp, 'lamp', LAMP)).toThrow(
    new TypeError(
      'lamp: unknown member `color`. Did you mean `colour`? Known members: colour, watts, broken.',
    ),
  );
});

test('rejects a name that every object inherits as unknown, too', () => {
  for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
    const given = Object.defineProperty({ colour: 'red' }, name, { value: 1, enumerable: true });
    expect(fault(given)).toContain(`unknown member \`${name}\``);
  }
});

test('rejects a member that is undefined, required or not', () => {
  expect(fault({ colour: 'red', watts: undefined })).toContain('`watts` is undefined');
  expect(fault({ colour: undefined })).toContain('`colour` is undefined');
  expect(fault({})).toBe('lamp: `colour` is missing.');
});

test('rejects a value of another type by its type, and never quotes it', () => {
  expect(fault({ colour: 12345 })).toBe('lamp: `colour` must be a non-empty string (got number).');
  expect(fault({ colour: 'red', watts: 'secret' })).toBe(
    'lamp: `watts` must be a finite number of at least 0 (got string).',
  );
  for (const watts of [Number.NaN, Number.POSITIVE_INFINITY, -1, null, [5], {}]) {
    expect(fault({ colour: 'red', watts })).toContain('`watts` must be');
  }
});

test('rejects options that hide members behind a prototype, a class or a getter', () => {
  class Made {
    colour = 'red';
    get wats() {
      return 5;
    }
  }
  const hidden = Object.defineProperty({ colour: 'red' }, 'wats', { value: 5 });
  expect(fault(new Made())).toContain('must be a plain object (got Made)');
  expect(fault(Object.create({ colour: 'red' }))).toContain('must be a plain object');
  expect(fault(Object.create(Object.create(null, {})))).toContain('must be a plain object');
  expect(fault(hidden)).toContain('unknown member `wats`');
  for (const given of [undefined, null, 'red', 5, ['red'], () => 5, new Map()]) {
    expect(fault(given)).toContain('must be a plain object');
  }
});

test('each check accepts only its own type', () => {
  const good = { count: 3, kind: 'b', whole: {}, free: null };
  const members = {
    count: integerFrom(1),
    kind: oneOf(['a', 'b']),
    whole: object,
    free: anything,
  } as Members<object>;
  expect(optionsFault(good, 'x', members)).toBeUndefined();
  for (const bad of [{ count: 0 }, { count: 1.5 }, { kind: 'c' }, { whole: [] }, { whole: null }]) {
    expect(optionsFault({ ...good, ...bad }, 'x', members)).toContain('must be');
  }
});

test('a table that misses a member, or makes a required one optional, does not compile', () => {
  // @ts-expect-error: `broken` is missing.
  const forgotten: Members<Lamp> = { colour: text, watts: optional(numberFrom(0)) };
  // @ts-expect-error: `colour` is required.
  const slack: Members<Lamp> = { ...LAMP, colour: optional(text) };
  // @ts-expect-error: `wats` is not a member.
  const misspelt: Members<Lamp> = { ...LAMP, wats: optional(text) };
  expect([forgotten, slack, misspelt]).toHaveLength(3);
});
