/** Reads the messages `Block`, `Fact`, `Rule`, `Check`, `Predicate` and `Scope` as Datalog. */
import { ok, type Result, refuse } from '../../result.ts';
import type {
  Block,
  Check,
  CheckKind,
  Expression,
  Fact,
  Predicate,
  Query,
  Rule,
  Scope,
  Term,
} from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { BlockWire } from './block-wire.ts';
import { readExpression } from './expression-reader.ts';
import { type BlockSource, blockError, type Tables } from './tables.ts';
import { readTerm, type TermPlace } from './term-reader.ts';
import {
  BLOCK_VERSION_3_1,
  BLOCK_VERSION_3_2,
  BLOCK_VERSION_3_3,
  BLOCK_VERSION_MAX,
  BLOCK_VERSION_MIN,
} from './versions.ts';

/** The index is the number on the wire (`Check.Kind`). */
const CHECK_KINDS: readonly CheckKind[] = ['if', 'all', 'reject'];
/** The scopes of `Scope.ScopeType`; the index is the number on the wire. */
const SCOPES: readonly Scope[] = [{ kind: 'authority' }, { kind: 'previous' }];

/** Reads a block. `tables` are the block's own tables, from `readTables`. */
export function readBlock(
  { payload, blockId, isThirdParty }: BlockSource,
  tables: Tables,
  limits: Limits,
): Result<Block, BiscuitError> {
  const wire = new BlockWire(payload, tables, limits);
  const facts: Fact[] = [];
  const rules: Rule[] = [];
  const checks: Check[] = [];
  const scopes: Scope[] = [];
  let context: string | undefined;
  let version = 0;
  let seen = 0;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 2 || field === 3) seen = wire.once(seen);
    if (field === 2) context = wire.text();
    else if (field === 3) version = wire.uint32();
    else if (field === 4) facts.push(readFact(wire));
    else if (field === 5) rules.push(readRule(wire));
    else if (field === 6) checks.push(readCheck(wire));
    else if (field === 7) scopes.push(readScope(wire));
    else wire.skip();
  }
  if (isThirdParty) wire.needs(BLOCK_VERSION_3_2, 'third-party blocks');
  const refusal =
    wire.fault === undefined
      ? versionError(wire, version, blockId)
      : blockError(wire.fault, blockId);
  if (refusal !== undefined) return refuse(refusal);
  const block = { facts, rules, checks, scopes, version };
  return ok(context === undefined ? block : { ...block, context });
}

function versionError(wire: BlockWire, actual: number, blockId: number): BiscuitError | undefined {
  const minimum = BLOCK_VERSION_MIN;
  const maximum = BLOCK_VERSION_MAX;
  if (actual < minimum || actual > maximum)
    return { code: 'block_version_unsupported', blockId, minimum, maximum, actual };
  const { version: needed, feature } = wire.needed;
  if (actual >= needed) return undefined;
  return { code: 'block_version_too_low', blockId, needed, actual, feature };
}

function readFact(wire: BlockWire): Fact {
  const outer = wire.enter();
  let seen = 0;
  let fact: Fact = { name: '', terms: [] };
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) {
      seen = wire.once(seen);
      fact = readPredicate(wire, 'fact');
    } else wire.skip();
  }
  wire.require(seen, 0b10, 'Fact');
  wire.leave(outer);
  return fact;
}

function readPredicate(wire: BlockWire, place: TermPlace): Predicate {
  const outer = wire.enter();
  let seen = 0;
  let name = '';
  const terms: Term[] = [];
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) {
      seen = wire.once(seen);
      name = wire.symbol(wire.uint64());
    } else if (field === 2) {
      const term = readTerm(wire, place);
      if (term.kind === 'null') wire.needs(BLOCK_VERSION_3_3, 'null');
      terms.push(term);
      wire.checkItems(terms.length);
    } else wire.skip();
  }
  wire.require(seen, 0b10, 'Predicate');
  wire.leave(outer);
  return { name, terms };
}

function readRule(wire: BlockWire): Rule {
  const outer = wire.enter();
  let seen = 0;
  let head: Predicate = { name: '', terms: [] };
  const body: Predicate[] = [];
  const expressions: Expression[] = [];
  const scopes: Scope[] = [];
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) {
      seen = wire.once(seen);
      head = readPredicate(wire, 'rule');
    } else if (field === 2) body.push(readPredicate(wire, 'rule'));
    else if (field === 3) expressions.push(readExpression(wire));
    else if (field === 4) scopes.push(readScope(wire));
    else wire.skip();
  }
  wire.require(seen, 0b10, 'Rule');
  wire.leave(outer);
  return { head, body, expressions, scopes };
}

function readCheck(wire: BlockWire): Check {
  const outer = wire.enter();
  let seen = 0;
  let kind: CheckKind = 'if';
  const queries: Query[] = [];
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) {
      // The head of a query has no meaning on the wire: whatever its name, no fact results from it.
      const { body, expressions, scopes } = readRule(wire);
      queries.push({ body, expressions, scopes });
    } else if (field === 2) {
      seen = wire.once(seen);
      kind = CHECK_KINDS[wire.enumeration(CHECK_KINDS.length)] ?? 'if';
      if (kind === 'reject') wire.needs(BLOCK_VERSION_3_3, 'reject if');
      else wire.needs(BLOCK_VERSION_3_1, 'kinds of checks');
    } else wire.skip();
  }
  wire.leave(outer);
  return { kind, queries };
}

function readScope(wire: BlockWire): Scope {
  wire.needs(BLOCK_VERSION_3_1, 'scopes');
  const outer = wire.enter();
  let scope: Scope | undefined;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field > 2) wire.skip();
    else if (scope !== undefined) wire.fail('a scope of two kinds');
    else if (field === 1) scope = SCOPES[wire.enumeration(SCOPES.length)];
    else scope = { kind: 'publicKey', key: wire.key(wire.int64()) };
  }
  wire.leave(outer);
  if (scope === undefined) wire.fail('an empty scope');
  return scope ?? { kind: 'authority' };
}
