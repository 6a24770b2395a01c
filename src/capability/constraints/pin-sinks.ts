import { isJsonObject, type Json, type JsonObject, type JsonScalar } from '../../canonical-json.ts';
import { utf8 } from '../../encoding.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../../json-pointer.ts';
import type { ArgumentConstraints, Constraint } from './constraint.ts';
import {
  CONSTRAINT_ARGUMENTS_MAX,
  CONSTRAINT_TEXT_BYTES_MAX,
  CONSTRAINT_VALUES_MAX,
  CONSTRAINTS_MAX,
} from './limits.ts';
import { EMPTY_LIST } from './listed-values.ts';

/** What a tool takes, as far as it says where something goes. */
export interface Pinnable {
  /** Every top-level argument that a call may bring. */
  readonly arguments: readonly string[];
  /** RFC 6901 pointers; a segment `*` stands for every element of an array. */
  readonly sinks: readonly string[];
}

/** `constraints` is absent where there is no sink to pin. */
export interface Pinned {
  readonly constraints?: ArgumentConstraints;
}

/**
 * Constraints that allow exactly the sinks of one call: each has the call's value, and one that the
 * call does not use is absent. Undefined where no constraint can say that: of objects inside an
 * array, of mixed lists, and of what is longer or more than constraints may be. An argument that
 * holds a sink is pinned whole, because a pinned member closes the object around it.
 */
export function pinSinks(
  args: JsonObject,
  { arguments: names, sinks }: Pinnable,
): Pinned | undefined {
  if (sinks.length === 0) return {};
  const constraints = new Map<string, Constraint>();
  for (const sink of sinks) {
    const [name = ''] = readPointer(sink) ?? [];
    const at = pointerTo('', name);
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (value === undefined) constraints.set(at, { absent: true });
    else if (isEmptyObject(value) && beforeStar(sink) !== at) {
      constraints.set(beforeStar(sink), { absent: true });
    } else if (!pinValue(constraints, at, value)) return undefined;
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

/** False where no form says exactly this. */
function pinValue(constraints: Map<string, Constraint>, at: string, value: Json): boolean {
  if (Array.isArray(value)) return pinList(constraints, at, value);
  if (!isJsonObject(value)) {
    if (!isFitScalar(value as JsonScalar)) return false;
    constraints.set(at, { exact: value as JsonScalar });
    return true;
  }
  const members = Object.entries(value);
  return (
    members.length > 0 &&
    members.every(([name, member]) => pinValue(constraints, pointerTo(at, name), member))
  );
}

function pinList(constraints: Map<string, Constraint>, at: string, list: readonly Json[]): boolean {
  const values = [...new Set(list)];
  if (values.length > CONSTRAINT_VALUES_MAX) return false;
  const isTexts = values.every((value) => typeof value === 'string' && isFitScalar(value));
  if (!isTexts && !values.every((value) => typeof value === 'number')) return false;
  constraints.set(
    at,
    values.length === 0
      ? EMPTY_LIST
      : { subsetOf: values as readonly string[] | readonly number[] },
  );
  return true;
}

/** What a constraint holds as it is. A text in another Unicode form would be another text. */
const isFitScalar = (value: JsonScalar): boolean =>
  typeof value !== 'string' ||
  (value.isWellFormed() &&
    value.normalize('NFC') === value &&
    utf8(value).length <= CONSTRAINT_TEXT_BYTES_MAX);

const isEmptyObject = (value: Json): boolean =>
  isJsonObject(value) && Object.keys(value).length === 0;

/** What has no array has no elements either. */
const beforeStar = (sink: string): string => sink.split(`/${EACH_ELEMENT}`, 1)[0] ?? sink;
