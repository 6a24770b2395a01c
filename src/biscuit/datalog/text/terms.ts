/** Parses terms: literals, variables, collections, parameters. */
import type { MapEntry, MapKey, Predicate, PublicKey, Term } from '../ast.ts';
import { map, NULL, set } from '../terms.ts';
import { takeInteger, takeName, takeScalar, takeString } from './literals.ts';
import { expect, list, nested, reject, type Source, skip, take, takeMatch } from './source.ts';

// A set of one keyword or one byte string looks like a parameter, but is not one.
const PARAMETER = /\{(?!(?:true|false|null|hex:(?:[0-9a-fA-F]{2})*)\})([A-Za-z][A-Za-z0-9_:]*)\}/y;

/** Returns the value of a parameter, if there is one here; null stands for a missing value. */
function takeParameter(source: Source): Term | undefined {
  const name = takeMatch(source, PARAMETER, 'a parameter')?.[1];
  if (name === undefined) return undefined;
  const value = Object.hasOwn(source.parameters, name) ? source.parameters[name] : undefined;
  if (value !== undefined && 'kind' in value) {
    source.used.add(name);
    return value;
  }
  source.missing.add(name);
  return NULL;
}

/** Returns the key that a parameter of a scope stands for. */
export function takeKeyParameter(source: Source): PublicKey | undefined {
  const name = takeMatch(source, PARAMETER, 'a parameter')?.[1];
  if (name === undefined) return undefined;
  const value = Object.hasOwn(source.parameters, name) ? source.parameters[name] : undefined;
  if (value !== undefined && 'algorithm' in value) {
    source.used.add(name);
    return value;
  }
  source.missing.add(name);
  return { algorithm: 'ed25519', bytes: new Uint8Array() };
}

/** Parses a term of a rule's predicate or of an expression: a value or a variable. */
export function parseTerm(source: Source): Term | undefined {
  if (!source.text.startsWith('$', source.at)) {
    expect(source, 'a variable');
    return parseValue(source);
  }
  source.at++;
  const name = takeName(source, 'the name of a variable');
  return name === undefined ? undefined : { kind: 'variable', value: name };
}

/** Parses a term without variables. */
export function parseValue(source: Source): Term | undefined {
  const start = source.at;
  const parameter = takeParameter(source);
  if (parameter !== undefined) {
    return parameter.kind === 'variable' ? reject(source, start, 'a value') : parameter;
  }
  const sign = source.text[source.at];
  if (sign === '[') return nested(source, () => parseArray(source));
  if (sign === '{') return nested(source, () => parseBraces(source));
  return takeScalar(source) ?? expect(source, 'a value');
}

function parseArray(source: Source): Term | undefined {
  const items = parseItems(source, '[', ']', () => parseValue(source));
  return items && { kind: 'array', value: items };
}

/** Parses items in brackets. The list may be empty. */
function parseItems<T>(
  source: Source,
  open: string,
  close: string,
  read: () => T | undefined,
): T[] | undefined {
  if (!take(source, open)) return undefined;
  skip(source);
  if (take(source, close)) return [];
  const items = list(source, read);
  return items !== undefined && take(source, close) ? items : undefined;
}

const EMPTY_SET = /\{\s*,\s*\}/y;

/** `{,}` is the empty set and `{}` the empty map. A colon after the first item makes it a map. */
function parseBraces(source: Source): Term | undefined {
  if (takeMatch(source, EMPTY_SET, 'a set or a map') !== undefined) return set([]);
  const start = source.at;
  source.at++;
  skip(source);
  if (!take(source, '}')) {
    const first = parseValue(source);
    skip(source);
    if (first === undefined) return undefined;
    const isMap = take(source, ':');
    source.at = start;
    if (!isMap) return parseSet(source);
  }
  source.at = start;
  const entries = parseItems(source, '{', '}', () => parseEntry(source));
  return entries && map(entries);
}

function parseSet(source: Source): Term | undefined {
  let kind: Term['kind'] | undefined;
  const items = parseItems(source, '{', '}', () => {
    const start = source.at;
    const item = parseValue(source);
    if (item === undefined) return undefined;
    const fits = item.kind !== 'set' && (kind === undefined || kind === item.kind);
    kind ??= item.kind;
    if (fits) return item;
    return reject(source, start, kind === 'set' ? 'a value that is no set' : `another ${kind}`);
  });
  return items && set(items);
}

function parseEntry(source: Source): MapEntry | undefined {
  const key = parseKey(source);
  skip(source);
  if (key === undefined || !take(source, ':')) return undefined;
  skip(source);
  const value = parseValue(source);
  return value && { key, value };
}

function parseKey(source: Source): MapKey | undefined {
  const start = source.at;
  const parameter = takeParameter(source);
  if (parameter !== undefined) {
    const isKey = parameter.kind === 'integer' || parameter.kind === 'string';
    return isKey ? parameter : reject(source, start, 'an integer or a string as key');
  }
  const text = takeString(source);
  if (text !== undefined) return { kind: 'string', value: text };
  const integer = takeInteger(source);
  return integer === undefined ? undefined : { kind: 'integer', value: integer };
}

/** @param read reads one term: values only for a fact, also variables elsewhere */
export function parsePredicate(
  source: Source,
  read: (source: Source) => Term | undefined,
): Predicate | undefined {
  const name = takeName(source, 'a predicate');
  if (name === undefined) return undefined;
  skip(source);
  const terms = parseItems(source, '(', ')', () => read(source));
  return terms && { name, terms };
}
