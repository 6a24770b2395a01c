import { readPointer } from '../../json-pointer.ts';
import { type Members, object, oneOf, optional, readOptions, text } from '../../options.ts';

/**
 * What the server guarantees about every value of a column, because it checks it before it stores
 * it.
 */
export const COLUMN_FORMS = ['text', 'path', 'millionths', 'integer'] as const;
/** What a server guarantees about every value of a column: see `ScopeColumn`. */
export type ColumnForm = (typeof COLUMN_FORMS)[number];

/** A column of an index, or a metadata property in Vectorize. */
export interface ScopeColumn {
  readonly name: string;
  /** The type of its values. Defaults to `text`. A row with another type is not in scope. */
  readonly type?: 'text' | 'number' | 'boolean';
  /**
   * What you guarantee about every value, because you check it before you store it. Some bounds can
   * only be expressed with it:
   *
   * - `text`: it passes `hasForm(value, 'text')`; needed for `prefix`, `suffix` and `present`.
   * - `path`: it passes `hasForm(value, 'path')`, and is `text` too; needed for `pathBelow`.
   * - `millionths`: at most six decimals; needed for ranges in Vectorize.
   * - `integer`: no decimals; needed for ranges of integers in Vectorize.
   */
  readonly form?: ColumnForm;
}

/** The columns of a row that the bounds of a scope apply to. */
export interface ScopeColumns {
  /** The column with the dataset of the row: one name that `checkDataset` accepts. */
  readonly dataset: string;
  /** Columns by the argument that they stand for, an RFC 6901 pointer. */
  readonly arguments?: Readonly<Record<string, string | ScopeColumn>>;
  /** The table or its alias, for a statement with several tables. Not used by `predicate`. */
  readonly table?: string;
}

/** A column with its defaults. */
export type ReadColumn = Required<Omit<ScopeColumn, 'form'>> & Pick<ScopeColumn, 'form'>;

const COLUMN: Members<ScopeColumn> = {
  name: text,
  type: optional(oneOf(['text', 'number', 'boolean'])),
  form: optional(oneOf(COLUMN_FORMS)),
};
const COLUMNS: Members<ScopeColumns> = {
  dataset: text,
  arguments: optional(object),
  table: optional(text),
};

const FORMS_OF = {
  text: ['text', 'path'],
  number: ['millionths', 'integer'],
  boolean: [],
} as const satisfies Record<ReadColumn['type'], readonly ColumnForm[]>;

/** Returns the columns. Throws a TypeError for what the server's own code got wrong. */
export const readScopeColumns = (columns: ScopeColumns, what: string): ScopeColumns =>
  readOptions(columns, what, COLUMNS);

/** Returns the columns of arguments by pointer, with their defaults. */
export function readArgumentColumns(
  columns: ScopeColumns['arguments'] = {},
  what: string,
): ReadonlyMap<string, ReadColumn> {
  const read = new Map<string, ReadColumn>();
  for (const [pointer, given] of Object.entries(columns)) {
    if (!readPointer(pointer)) {
      throw new TypeError(`${what}: \`${pointer}\` must be a JSON pointer such as /owner.`);
    }
    const place = `${what}: \`${pointer}\``;
    const column = typeof given === 'string' ? { name: given } : given;
    const { name, type = 'text', form } = readOptions(column, place, COLUMN);
    const forms: readonly ColumnForm[] = FORMS_OF[type];
    if (form !== undefined && !forms.includes(form)) {
      throw new TypeError(`${place}: a column of type ${type} has no form ${form}.`);
    }
    if ([...read.keys()].some((other) => isAround(other, pointer) || isAround(pointer, other))) {
      throw new TypeError(`${place} lies inside another pointer, or around one.`);
    }
    read.set(pointer, { name, type, ...(form && { form }) });
  }
  return read;
}

const isAround = (outer: string, inner: string): boolean => inner.startsWith(`${outer}/`);
