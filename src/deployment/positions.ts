import type { KeyPath } from './fault.ts';

/** Where a key and its value are. Lines and columns count from 1. */
export interface Place {
  readonly key: Position;
  readonly value: Position;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

interface Node {
  readonly type: string;
  readonly loc: { readonly start: Position };
}

const pathKey = (path: KeyPath): string => JSON.stringify(path);

/** Finds the places of keys in a TOML file that has been parsed once already. */
export type Places = (path: KeyPath) => Place | undefined;

/**
 * Parses the file a second time, for positions, which the first parser does not keep. The parser is
 * loaded only here, so that a file without a fault needs none. Without it, faults have no place.
 */
export async function findPlaces(toml: string): Promise<Places> {
  const places = new Map<string, Place>();
  try {
    const { parseTOML } = await import('toml-eslint-parser');
    for (const node of parseTOML(toml).body[0].body) {
      if (node.type === 'TOMLKeyValue') readPair(places, [], node as never);
      else readTable(places, node as never);
    }
  } catch {
    // An optional package, and a file that the first parser accepts.
  }
  return (path) => places.get(pathKey(path));
}

interface Pair {
  readonly key: { readonly keys: readonly (Node & { name?: string; value?: string })[] };
  readonly value: Node & { readonly elements?: readonly Node[]; readonly body?: readonly Pair[] };
}

interface Table extends Node {
  readonly key: Pair['key'];
  readonly resolvedKey: KeyPath;
  readonly body: readonly Pair[];
}

const start = ({ loc }: Node): Position => ({ line: loc.start.line, column: loc.start.column + 1 });

function add(places: Map<string, Place>, path: KeyPath, key: Position, value: Position): void {
  const at = pathKey(path);
  if (!places.has(at)) places.set(at, { key, value });
}

function readTable(places: Map<string, Place>, table: Table): void {
  // `[a.b]` is the place of `a` too, unless `a` has one of its own.
  let named = -1;
  for (const [index, part] of table.resolvedKey.entries()) {
    if (typeof part === 'string') named += 1;
    const node = table.key.keys[named] ?? table;
    add(places, table.resolvedKey.slice(0, index + 1), start(node), start(node));
  }
  for (const each of table.body) readPair(places, table.resolvedKey, each);
}

function readPair(places: Map<string, Place>, base: KeyPath, { key, value }: Pair): void {
  const path = [...base];
  for (const [index, node] of key.keys.entries()) {
    path.push(node.name ?? node.value ?? '');
    const isLast = index === key.keys.length - 1;
    add(places, [...path], start(node), isLast ? start(value) : start(node));
  }
  readValue(places, path, value);
}

function readValue(places: Map<string, Place>, path: KeyPath, value: Pair['value']): void {
  for (const [index, element] of (value.elements ?? []).entries()) {
    add(places, [...path, index], start(element), start(element));
    readValue(places, [...path, index], element as Pair['value']);
  }
  if (value.type === 'TOMLInlineTable') {
    for (const each of value.body ?? []) readPair(places, path, each);
  }
}
