import type { JsonColumn } from './json-column.ts';

/** One column of a table: its SQL type, how its value is read, and why it exists. */
export interface Column<Value> {
  readonly type: 'INTEGER' | 'TEXT' | 'BLOB';
  readonly isNullable: boolean;
  /** For docs/reference/storage.md. */
  readonly why: string;
  read(stored: SqlStorageValue | undefined): Value;
}

// biome-ignore lint/suspicious/noExplicitAny: columns of any value, whose types `Row` recovers.
type Columns = Readonly<Record<string, Column<any>>>;

/** The row of a table as the code works with it; undefined stands for null. */
export type Row<C extends Columns> = { readonly [Name in keyof C]: ReturnType<C[Name]['read']> };

/** A row as SQLite returns it. */
export type StoredRow = Readonly<Record<string, SqlStorageValue>>;

/**
 * A table and all its columns, declared once. Rows are read and documentation is written from it,
 * and a test compares it with the SQL of the object's schema. The SQL itself is not derived: the
 * text of a released step never changes.
 */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  /** Reads a whole row. Throws if a JSON column has a form that this code does not know. */
  read(row: StoredRow): Row<C>;
}

/** Declares a table with its columns in the order of the schema. */
export const table = <C extends Columns>(name: string, columns: C): Table<C> => ({
  name,
  columns,
  read: (row) =>
    Object.fromEntries(
      Object.entries(columns).map(([column, { read }]) => [column, read(row[column])]),
    ) as Row<C>,
});

export const integer = (why: string): Column<number> => ({
  type: 'INTEGER',
  isNullable: false,
  why,
  read: Number,
});

/** `Text` narrows the type where the schema, or the only code that writes it, allows no other. */
export const text = <Text extends string = string>(why: string): Column<Text> => ({
  type: 'TEXT',
  isNullable: false,
  why,
  read: (stored) => String(stored) as Text,
});

export const blob = (why: string): Column<ArrayBuffer> => ({
  type: 'BLOB',
  isNullable: false,
  why,
  read: (stored) => stored as ArrayBuffer,
});

/** A text column that contains JSON; `column` has its versions. */
export const json = <Value>(column: JsonColumn<Value>, why: string): Column<Value> => ({
  type: 'TEXT',
  isNullable: false,
  why,
  read: (stored) => column.read(stored),
});

/** 0 or 1. */
export const flag = (why: string): Column<boolean> => ({
  type: 'INTEGER',
  isNullable: false,
  why,
  read: (stored) => stored === 1,
});

/** The column may be null, which is read as undefined. */
export const nullable = <Value>(column: Column<Value>): Column<Value | undefined> => ({
  ...column,
  isNullable: true,
  read: (stored) => (stored === null || stored === undefined ? undefined : column.read(stored)),
});
