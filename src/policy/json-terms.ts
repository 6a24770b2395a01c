import { array, bool, integer, map, NULL, string, type Term } from '../biscuit/index.ts';
import type { Json, JsonObject, JsonScalar } from '../canonical-json.ts';

/**
 * Converts JSON to a term, so that a policy reads and writes a constraint as JSON: `{"suffix":
 * "@a.b"}`. A fraction becomes a string, because Datalog has no fractions; no constraint accepts a
 * string in its place.
 */
export function toTerm(json: Json): Term {
  if (isList(json)) return array(json.map(toTerm));
  if (typeof json === 'object' && json !== null) {
    return map(
      Object.entries(json).map(([name, member]) => ({ key: string(name), value: toTerm(member) })),
    );
  }
  return scalarTerm(json);
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json);

function scalarTerm(value: JsonScalar): Term {
  if (value === null) return NULL;
  if (typeof value === 'boolean') return bool(value);
  if (typeof value === 'string') return string(value);
  return Number.isSafeInteger(value) ? integer(value) : string(String(value));
}

/** Converts a term to JSON. Undefined for terms without a JSON form; a set has no order. */
export function fromTerm(term: Term): Json | undefined {
  switch (term.kind) {
    case 'null':
    case 'bool':
    case 'string':
      return term.value;
    case 'integer':
      return typeof term.value === 'number' ? term.value : undefined;
    case 'array': {
      const items = term.value.map(fromTerm);
      return items.includes(undefined) ? undefined : (items as readonly Json[]);
    }
    case 'map': {
      const members: [string, Json][] = [];
      for (const { key, value } of term.value) {
        const member = fromTerm(value);
        if (key.kind !== 'string' || member === undefined) return undefined;
        members.push([key.value, member]);
      }
      return Object.fromEntries(members) satisfies JsonObject;
    }
    default:
      return undefined;
  }
}
