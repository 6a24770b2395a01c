import type * as v from 'valibot';
import type { JsonScalar } from '../../../canonical-json.ts';
import type { DatalogWriter } from '../../datalog.ts';
import type { Alternatives, Condition } from '../condition.ts';
import type { Range } from './range.ts';

/**
 * Who wrote a constraint. `request`: it came with the request, so the hijacked agent that it should
 * bind may have written it. `policy`: it is part of a policy, or a policy requires it.
 */
export type ConstraintAuthor = 'policy' | 'request';

/** What every kind of constraint on a value or on a list defines. Nothing here is optional. */
export interface Kind<Value> {
  /** Parses the value of the constraint's one member. Strict: unknown members are refused. */
  readonly schema: v.GenericSchema<unknown, Value>;
  /** Whether it limits where a call can go, as far as its author can be trusted (boundsSink). */
  readonly boundsSink: (value: Value, author: ConstraintAuthor) => boolean;
  /**
   * The values that it lists, if it is a list of values. Only lists are compared and merged value
   * by value; constraints of other kinds are compared by form.
   */
  readonly listedValues: (value: Value) => readonly JsonScalar[] | undefined;
}

/**
 * A constraint on one scalar. It compiles to a condition on the facts of the value, from which both
 * forms are written: one value at one pointer, and all elements of an array.
 */
export interface ValueKind<Value> extends Kind<Value> {
  readonly condition: (value: Value, block: DatalogWriter) => Condition | Alternatives;
  /** The numbers that it allows, if it is a range of numbers; for warnings (lint.ts). */
  readonly numberRange: (value: Value) => Range | undefined;
}

/** A kind that states one condition. */
export interface SimpleKind<Value> extends ValueKind<Value> {
  readonly condition: (value: Value, block: DatalogWriter) => Condition;
}

/** For kinds that list no values, or are no range of numbers. */
export const none = (): undefined => undefined;

export const always = (): boolean => true;
export const never = (): boolean => false;

/** A kind as the tables are read at run time. Only its own schema has seen the value. */
type Untyped<K extends Kind<never>> = Omit<K, 'schema'> & { readonly schema: v.GenericSchema };
export type AnyKind = Untyped<Kind<never>>;
export type AnyValueKind = Untyped<ValueKind<never>>;

/**
 * The kind and the value of a constraint. Undefined unless it has exactly one member and the table
 * has that kind: names that every object inherits (`toString`) are not kinds.
 */
export function kindIn<K>(
  kinds: Readonly<Record<string, K>>,
  constraint: object,
): readonly [kind: K, value: never] | undefined {
  const [[name, value] = ['', undefined], ...others] = Object.entries(constraint);
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  return kind === undefined || others.length > 0 ? undefined : [kind, value as never];
}

/** The constraints that a table of kinds allows: for each kind an object with that one member. */
export type ConstraintOf<Kinds> = {
  readonly [Name in keyof Kinds]: {
    readonly [Member in keyof Pick<Kinds, Name>]: ValueOf<Kinds[Name]>;
  };
}[keyof Kinds];

type ValueOf<K> = K extends Kind<infer Value> ? Value : never;
