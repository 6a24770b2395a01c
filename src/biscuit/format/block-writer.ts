/**
 * Writes Datalog as the message `Block`, in the lowest version that the specification allows for
 * it.
 */
import type { Block, Check, Predicate, Query, Rule, Scope } from '../datalog/index.ts';
import { BlockDraft } from './block-draft.ts';
import { writeExpression } from './expression-writer.ts';
import { writePublicKey } from './public-key.ts';
import { EMPTY_TABLES, type Tables } from './tables.ts';
import { writeTerm } from './term-writer.ts';
import { BLOCK_VERSION_3_1, BLOCK_VERSION_3_2, BLOCK_VERSION_3_3 } from './versions.ts';
import { WireWriter } from './wire-writer.ts';

/** The head of every query on the wire, as the reference writes it. */
const QUERY_HEAD: Predicate = { name: 'query', terms: [] };

/** Room for the symbols of a block with a few checks. */
const FIRST_TABLE_BYTES = 256;

/** Writes a block that continues the tables of its token. */
export const writeBlock = (block: Block, before: Tables): Uint8Array<ArrayBuffer> =>
  finish(block, new BlockDraft(before));

/**
 * Writes a block for another party's token, with its own tables and a version that has such blocks.
 */
export function writeThirdPartyBlock(block: Block): Uint8Array<ArrayBuffer> {
  const draft = new BlockDraft(EMPTY_TABLES);
  draft.needs(BLOCK_VERSION_3_2);
  return finish(block, draft);
}

function finish(block: Block, draft: BlockDraft): Uint8Array<ArrayBuffer> {
  for (const fact of block.facts) draft.message(4, () => writePredicate(draft, 1, fact));
  for (const rule of block.rules) writeRule(draft, 5, rule);
  for (const check of block.checks) writeCheck(draft, check);
  writeScopes(draft, 7, block.scopes);
  const body = draft.finish();
  const wire = new WireWriter(body.length + FIRST_TABLE_BYTES);
  for (const symbol of draft.symbols) wire.text(1, symbol);
  if (block.context !== undefined) wire.text(2, block.context);
  wire.uint32(3, draft.version);
  wire.raw(body);
  for (const key of draft.keys) writePublicKey(wire, 8, key);
  return wire.finish();
}

function writePredicate(draft: BlockDraft, field: number, { name, terms }: Predicate): void {
  draft.message(field, () => {
    draft.uint32(1, draft.symbol(name));
    for (const term of terms) writeTerm(draft, 2, term);
  });
}

function writeRule(draft: BlockDraft, field: number, rule: Rule): void {
  draft.message(field, () => {
    writePredicate(draft, 1, rule.head);
    for (const predicate of rule.body) writePredicate(draft, 2, predicate);
    for (const expression of rule.expressions) writeExpression(draft, 3, expression);
    writeScopes(draft, 4, rule.scopes);
  });
}

function writeCheck(draft: BlockDraft, { kind, queries }: Check): void {
  draft.message(6, () => {
    for (const query of queries) writeQuery(draft, query);
    // Omit the kind where it is the default: blocks of version 3 have no kinds.
    if (kind === 'all') draft.needs(BLOCK_VERSION_3_1);
    if (kind === 'reject') draft.needs(BLOCK_VERSION_3_3);
    if (kind !== 'if') draft.uint32(2, kind === 'all' ? 1 : 2);
  });
}

const writeQuery = (draft: BlockDraft, query: Query): void =>
  writeRule(draft, 1, { ...query, head: QUERY_HEAD });

function writeScopes(draft: BlockDraft, field: number, scopes: readonly Scope[]): void {
  if (scopes.length > 0) draft.needs(BLOCK_VERSION_3_1);
  for (const scope of scopes)
    draft.message(field, () => {
      if (scope.kind === 'publicKey') draft.int64(2, draft.key(scope.key));
      else draft.uint32(1, scope.kind === 'authority' ? 0 : 1);
    });
}
