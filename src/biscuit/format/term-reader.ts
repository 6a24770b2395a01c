/** Reads the messages `Term`, `TermSet`, `Array` and `Map`. */
import type { MapEntry, MapKey, SetTerm, Term } from '../datalog/index.ts';
import type { BlockWire } from './block-wire.ts';
import { exceeded } from './tables.ts';
import { termKey } from './term-key.ts';

/** Facts and sets contain no variables, and sets do not nest. */
export type TermPlace = 'fact' | 'rule' | 'set';

const NULL_TERM: Term = { kind: 'null', value: null };

/** Reads a term. `depth` counts the collections around it. */
export function readTerm(wire: BlockWire, place: TermPlace, depth = 0): Term {
  const outer = wire.enter();
  let term: Term | undefined;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field > 10) wire.skip();
    else if (term !== undefined) wire.fail('a term of two kinds');
    else term = readContent(wire, field, place, depth);
  }
  wire.leave(outer);
  if (term === undefined) wire.fail('an empty term');
  return term ?? NULL_TERM;
}

function readContent(wire: BlockWire, field: number, place: TermPlace, depth: number): Term {
  switch (field) {
    case 1:
      if (place !== 'rule') wire.fail(`a variable in a ${place}`);
      return { kind: 'variable', value: wire.symbol(wire.uint32()) };
    case 2:
      return { kind: 'integer', value: wire.int64() };
    case 3:
      return { kind: 'string', value: wire.symbol(wire.uint64()) };
    case 4:
      return { kind: 'date', value: wire.uint64() };
    case 5:
      return { kind: 'bytes', value: new Uint8Array(wire.bytes()) };
    case 6:
      return { kind: 'bool', value: wire.bool() };
    case 8:
      return readNull(wire);
  }
  if (depth >= wire.limits.termDepthMax) wire.fail(exceeded('termDepthMax', wire.limits));
  if (field === 9) return { kind: 'array', value: readItems(wire, place, depth + 1) };
  if (field === 10) return { kind: 'map', value: readEntries(wire, place, depth + 1) };
  if (place === 'set') wire.fail('a set in a set');
  return readSet(wire, depth + 1);
}

function readNull(wire: BlockWire): Term {
  const outer = wire.enter();
  while (wire.next() !== 0) wire.skip();
  wire.leave(outer);
  return NULL_TERM;
}

function readItems(wire: BlockWire, place: TermPlace, depth: number): Term[] {
  const outer = wire.enter();
  const items: Term[] = [];
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) items.push(readTerm(wire, place, depth));
    else wire.skip();
    wire.checkItems(items.length);
  }
  wire.leave(outer);
  return items;
}

/** Equal items count once. Strings are compared by content, never by symbol number. */
function readSet(wire: BlockWire, depth: number): SetTerm {
  const items = readItems(wire, 'set', depth);
  const [first] = items;
  if (items.some((item) => item.kind !== first?.kind)) wire.fail('a set of several types');
  const keys = new Set<unknown>();
  const value = items.filter((item) => keys.size < keys.add(termKey(item)).size);
  return { kind: 'set', value };
}

function readEntries(wire: BlockWire, place: TermPlace, depth: number): MapEntry[] {
  const outer = wire.enter();
  const entries: MapEntry[] = [];
  const keys = new Set<unknown>();
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) {
      const entry = readEntry(wire, place, depth);
      entries.push(entry);
      // A duplicate key would give the map a value that depends on the reader.
      if (keys.size === keys.add(termKey(entry.key)).size) wire.fail('a map with one key twice');
    } else wire.skip();
    wire.checkItems(entries.length);
  }
  wire.leave(outer);
  return entries;
}

function readEntry(wire: BlockWire, place: TermPlace, depth: number): MapEntry {
  const outer = wire.enter();
  let seen = 0;
  let key: MapKey = { kind: 'integer', value: 0 };
  let value = NULL_TERM;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field <= 2) seen = wire.once(seen);
    if (field === 1) key = readKey(wire);
    else if (field === 2) value = readTerm(wire, place, depth);
    else wire.skip();
  }
  wire.require(seen, 0b110, 'MapEntry');
  wire.leave(outer);
  return { key, value };
}

function readKey(wire: BlockWire): MapKey {
  const outer = wire.enter();
  let key: MapKey | undefined;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field > 2) wire.skip();
    else if (key !== undefined) wire.fail('a map key of two kinds');
    else if (field === 1) key = { kind: 'integer', value: wire.int64() };
    else key = { kind: 'string', value: wire.symbol(wire.uint64()) };
  }
  wire.leave(outer);
  if (key === undefined) wire.fail('an empty map key');
  return key ?? { kind: 'integer', value: 0 };
}
