import { ok, type Result, refuse } from '../../result.ts';
import { type AllowedValues, allowedValues } from './allowed-values.ts';
import type { ReadColumn } from './columns.ts';
import type { ScopeError } from './scope-error.ts';
import type { SettledScope } from './settled.ts';

/** The condition of a `WHERE` clause. */
export interface SqlFilter {
  /** In parentheses. Names are quoted, and no value of the token is part of it. */
  readonly sql: string;
  /** The values of its parameters, in order. */
  readonly parameters: readonly (string | number)[];
}

/** How one database compares. Each function returns a condition that null does not meet. */
interface Dialect {
  readonly quote: (name: string) => string;
  readonly parameter: (position: number) => string;
  readonly never: string;
  /** The dataset and a slash start with the parameter, which has `length` code points. */
  readonly below: (column: string, parameter: string, length: number) => string;
  readonly text: (column: string, condition: (compared: string) => string) => string;
  readonly equals: (compared: string, parameter: string) => string;
  readonly starts: (compared: string, parameter: string, length: number) => string;
  readonly ends: (compared: string, parameter: string, length: number) => string;
  /** `decimals`: the condition that the number has no more than six decimals, or none at all. */
  readonly number: (column: string, decimals: 0 | 6 | undefined, condition: string) => string;
  readonly numeric: (column: string) => string;
  readonly truth: (column: string, value: boolean) => string;
}

/**
 * Whatever collation a column has, bytes are compared. Backticks, because SQLite reads a name in
 * double quotes that is no column as a text, which would compare a constant.
 */
const SQLITE: Dialect = {
  quote: (name) => `\`${name.replaceAll('`', '``')}\``,
  parameter: () => '?',
  never: '1 = 0',
  below: (column, parameter, length) =>
    `typeof(${column}) = 'text' AND ` +
    `substr(${column} || '/', 1, ${length}) = ${parameter} COLLATE BINARY`,
  text: (column, condition) => `typeof(${column}) = 'text' AND ${condition(column)}`,
  equals: (compared, parameter) => `${compared} = ${parameter} COLLATE BINARY`,
  starts: (compared, parameter, length) =>
    `substr(${compared}, 1, ${length}) = ${parameter} COLLATE BINARY`,
  ends: (compared, parameter, length) =>
    `substr(${compared}, -${length}) = ${parameter} COLLATE BINARY`,
  number: (column, decimals, condition) => {
    const isNumber = `typeof(${column}) IN ('integer', 'real')`;
    const isExact = decimals === undefined ? '' : ` AND round(${column}, ${decimals}) = ${column}`;
    return `${isNumber}${isExact} AND ${condition}`;
  },
  numeric: (column) => column,
  truth: (column, value) =>
    `typeof(${column}) IN ('integer', 'real') AND ${column} = ${value ? 1 : 0}`,
};

/** `C` compares bytes, whatever collation the column has. */
const POSTGRES: Dialect = {
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  parameter: (position) => `$${position}`,
  never: 'FALSE',
  below: (column, parameter, length) =>
    `left(${column}::text || '/', ${length}) COLLATE "C" = ${parameter}::text`,
  text: (column, condition) => condition(`${column}::text COLLATE "C"`),
  equals: (compared, parameter) => `${compared} = ${parameter}::text`,
  starts: (compared, parameter, length) => `left(${compared}, ${length}) = ${parameter}::text`,
  ends: (compared, parameter, length) => `right(${compared}, ${length}) = ${parameter}::text`,
  number: (column, decimals, condition) => {
    // The shortest text of a double, as JSON has it: a cast to numeric rounds to fifteen digits.
    const exact = `${column}::float8::text::numeric`;
    return decimals === undefined
      ? condition
      : `round(${exact}, ${decimals}) = ${exact} AND ${condition}`;
  },
  numeric: (column) => `${column}::float8`,
  truth: (column, value) => `${column} IS ${value ? 'TRUE' : 'FALSE'}`,
};

/** Where the datasets are, and what their statement already has. */
interface Place {
  readonly dataset: string;
  readonly table?: string | undefined;
  readonly firstParameter?: number;
}

export const sqliteFilter = (scope: SettledScope, place: Place): Result<SqlFilter, ScopeError> =>
  sqlFilter(SQLITE, scope, place);

export const postgresFilter = (scope: SettledScope, place: Place): Result<SqlFilter, ScopeError> =>
  sqlFilter(POSTGRES, scope, place);

function sqlFilter(
  dialect: Dialect,
  { datasets, values, nothing }: SettledScope,
  { dataset, table, firstParameter = 1 }: Place,
): Result<SqlFilter, ScopeError> {
  const parameters: (string | number)[] = [];
  const bind = (value: string | number): string => {
    parameters.push(value);
    return dialect.parameter(firstParameter + parameters.length - 1);
  };
  const name = (column: string): string =>
    [...(table === undefined ? [] : [table]), column]
      .map((part) => quoted(dialect, part))
      .join('.');
  const datasetName = name(dataset);
  const below = datasets.map((root) => {
    const inside = `${root}/`;
    return `(${dialect.below(datasetName, bind(inside), [...inside].length)})`;
  });
  const conditions = [below.length === 0 ? dialect.never : `(${below.join(' OR ')})`];
  for (const { pointer, column, constraint, block, source } of values) {
    const allowed = allowedValues(constraint, column);
    if (allowed.kind === 'inexpressible') {
      const { why } = allowed;
      return refuse({ code: 'bound_inexpressible', pointer, why, block, source });
    }
    conditions.push(`(${conditionOf(dialect, name(column.name), column, allowed, bind)})`);
  }
  // Checked last, so that a name or a bound that cannot be used is never overlooked.
  if (nothing) return ok({ sql: `(${dialect.never})`, parameters: [] });
  return ok({ sql: `(${conditions.join(' AND ')})`, parameters });
}

function quoted(dialect: Dialect, name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('a column must have a name');
  return dialect.quote(name);
}

// The numbers that fit 64-bit millionths and are doubles; see `toMicros`.
const UNITS_MAX = 9_223_372_036_854.775;

function conditionOf(
  dialect: Dialect,
  name: string,
  { type }: Pick<ReadColumn, 'type'>,
  allowed: AllowedValues,
  bind: (value: string | number) => string,
): string {
  const range = (min: number, max: number, decimals: 0 | 6): string => {
    const number = dialect.numeric(name);
    const within = `${number} >= ${bind(min)} AND ${number} <= ${bind(max)}`;
    return dialect.number(name, decimals, within);
  };
  switch (allowed.kind) {
    case 'inexpressible':
      throw new Error('an inexpressible bound is refused before');
    case 'any':
      return allowed.of
        .map((one) => `(${conditionOf(dialect, name, { type }, one, bind)})`)
        .join(' OR ');
    case 'none':
      return dialect.never;
    case 'null':
      return `${name} IS NULL`;
    case 'present':
      if (type === 'number') return range(-UNITS_MAX, UNITS_MAX, 6);
      if (type === 'text') return dialect.text(name, (compared) => `${compared} IS NOT NULL`);
      return `(${dialect.truth(name, true)}) OR (${dialect.truth(name, false)})`;
    case 'range': {
      const { min = -UNITS_MAX, max = UNITS_MAX, isInteger } = allowed;
      const ends = [Math.max(min, -UNITS_MAX), Math.min(max, UNITS_MAX)] as const;
      return range(...ends, isInteger ? 0 : 6);
    }
    case 'affix': {
      const { side, text } = allowed;
      const compare = side === 'start' ? dialect.starts : dialect.ends;
      return dialect.text(name, (compared) => compare(compared, bind(text), [...text].length));
    }
    case 'path':
      return pathCondition(dialect, name, allowed.root, bind);
    case 'values': {
      const each = allowed.values.map((value) => {
        if (typeof value === 'boolean') return dialect.truth(name, value);
        if (typeof value === 'number') {
          return dialect.number(name, undefined, `${dialect.numeric(name)} = ${bind(value)}`);
        }
        return dialect.text(name, (compared) => dialect.equals(compared, bind(String(value))));
      });
      return each.map((condition) => `(${condition})`).join(' OR ');
    }
  }
}

function pathCondition(
  dialect: Dialect,
  name: string,
  root: string,
  bind: (value: string) => string,
): string {
  const inside = root === '/' ? '/' : `${root}/`;
  return dialect.text(name, (compared) => {
    const below = dialect.starts(compared, bind(inside), [...inside].length);
    return root === '/' ? below : `((${below}) OR ${dialect.equals(compared, bind(root))})`;
  });
}
