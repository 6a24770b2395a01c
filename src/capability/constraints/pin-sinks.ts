import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonScalar,
} from '../../canonical-json.ts';
import { utf8 } from '../../encoding.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../../json-pointer.ts';
import type { ArgumentConstraints, Constraint } from './constraint.ts';
import {
  CONSTRAINT_ARGUMENTS_MAX,
  CONSTRAINT_MEMBERS_MAX,
  CONSTRAINT_TEXT_BYTES_MAX,
  CONSTRAINT_VALUES_MAX,
  CONSTRAINTS_MAX,
} from './limits.ts';
import { EMPTY_LIST } from './listed-values.ts';
import { isMemberName } from './member-name.ts';

/** The arguments of a tool, and which of them say where something goes. */
export interface Pinnable {
  /** All top-level arguments that a call may pass. */
  readonly arguments: readonly string[];
  /** RFC 6901 pointers. The segment `*` matches every element of an array. */
  readonly sinks: readonly string[];
}

/** Constraints that pin sinks. `constraints` is absent if there is no sink to pin. */
export interface Pinned {
  readonly constraints?: ArgumentConstraints;
}

/**
 * Returns constraints that allow exactly the sinks of one call. Each sink has the call's value, and
 * a sink that the call does not use must be absent.
 *
 * Returns undefined if no constraint can express that: for different objects in one array, for
 * lists of mixed types, and for values beyond the limits of constraints. An argument with a sink
 * inside is pinned as a whole, because a pinned member closes the object around it.
 */
export function pinSinks(
  args: JsonObject,
  { arguments: names, sinks }: Pinnable,
): Pinned | undefined {
  if (sinks.length === 0) return {};
  const constraints = new Map<string, Constraint>();
  for (const sink of sinks) {
    const [name = ''] = readPointer(sink) ?? [];
    const argument = pointerTo('', name);
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (value === undefined) constraints.set(argument, { absent: true });
    else if (isEmptyObject(value) && beforeStar(sink) !== argument) {
      constraints.set(beforeStar(sink), { absent: true });
    } else if (!pinValue(constraints, argument, value)) return undefined;
  }
  const isFit =
    constraints.size <= CONSTRAINTS_MAX &&
    names.length <= CONSTRAINT_ARGUMENTS_MAX &&
    [...constraints.keys()].every(canBePointed);
  if (!isFit) return undefined;
  return { constraints: { arguments: names, constraints: Object.fromEntries(constraints) } };
}

const canBePointed = (pointer: string): boolean =>
  readPointer(pointer)?.includes(EACH_ELEMENT) === false;

/** False if no constraint allows exactly this value. */
function pinValue(constraints: Map<string, Constraint>, pointer: string, value: Json): boolean {
  if (Array.isArray(value)) return pinList(constraints, pointer, value);
  if (!isJsonObject(value)) {
    if (!isFitScalar(value as JsonScalar)) return false;
    constraints.set(pointer, { exact: value as JsonScalar });
    return true;
  }
  const members = Object.entries(value);
  return (
    members.length > 0 &&
    members.every(([name, member]) => pinValue(constraints, pointerTo(pointer, name), member))
  );
}

function pinList(
  constraints: Map<string, Constraint>,
  pointer: string,
  list: readonly Json[],
): boolean {
  if (list.length > 0 && list.every(isJsonObject)) return pinObjects(constraints, pointer, list);
  const values = [...new Set(list)];
  if (values.length > CONSTRAINT_VALUES_MAX) return false;
  const isTexts = values.every((value) => typeof value === 'string' && isFitScalar(value));
  if (!isTexts && !values.every((value) => typeof value === 'number')) return false;
  constraints.set(
    pointer,
    values.length === 0
      ? EMPTY_LIST
      : { subsetOf: values as readonly string[] | readonly number[] },
  );
  return true;
}

/**
 * Pins the members of objects in an array, and their number. Constraints are on each member alone,
 * so values of two different objects could be combined: ten of A and one of B must not become ten
 * of B. Only equal objects are pinned.
 */
function pinObjects(
  constraints: Map<string, Constraint>,
  pointer: string,
  list: readonly JsonObject[],
): boolean {
  const [first = {}, ...others] = list;
  if (others.some((one) => canonicalJson(one) !== canonicalJson(first))) return false;
  const members: [name: string, constraint: { readonly exact: JsonScalar }][] = [];
  for (const [name, value] of Object.entries(first)) {
    if (!isMemberName(name) || !isScalar(value) || !isFitScalar(value)) return false;
    members.push([name, { exact: value }]);
  }
  if (members.length === 0 || members.length > CONSTRAINT_MEMBERS_MAX) return false;
  const count = { min: list.length, max: list.length };
  constraints.set(pointer, { allOf: [{ each: Object.fromEntries(members) }, { count }] });
  return true;
}

const isScalar = (value: Json): value is JsonScalar =>
  !Array.isArray(value) && !isJsonObject(value);

/** Whether `exact` can hold the value. Text in another Unicode form would be another text. */
const isFitScalar = (value: JsonScalar): boolean =>
  typeof value !== 'string' ||
  (value.isWellFormed() &&
    value.normalize('NFC') === value &&
    utf8(value).length <= CONSTRAINT_TEXT_BYTES_MAX);

const isEmptyObject = (value: Json): boolean =>
  isJsonObject(value) && Object.keys(value).length === 0;

/** The array whose elements the sink means: without the array there are no elements. */
const beforeStar = (sink: string): string => sink.split(`/${EACH_ELEMENT}`, 1)[0] ?? sink;
