/**
 * Writes terms to the wire. Sets and maps are written in the order that the reference keeps them in
 * (strings by symbol number), so that both print the same text after reading it back.
 */
import type { MapEntry, Term } from '../datalog/index.ts';
import { compareTerms } from '../datalog/index.ts';
import type { BlockDraft } from './block-draft.ts';
import { BLOCK_VERSION_3_3 } from './versions.ts';

export function writeTerm(draft: BlockDraft, field: number, term: Term): void {
  draft.message(field, () => writeContent(draft, term));
}

function writeContent(draft: BlockDraft, term: Term): void {
  switch (term.kind) {
    case 'variable':
      draft.uint32(1, draft.symbol(term.value));
      break;
    case 'integer':
      draft.int64(2, term.value);
      break;
    case 'string':
      draft.uint32(3, draft.symbol(term.value));
      break;
    case 'date':
      draft.uint64(4, term.value);
      break;
    case 'bytes':
      draft.bytes(5, term.value);
      break;
    case 'bool':
      draft.bool(6, term.value);
      break;
    case 'set':
      writeItems(
        draft,
        7,
        sorted(draft, term.value, (item) => item),
      );
      break;
    case 'null':
      draft.needs(BLOCK_VERSION_3_3);
      draft.message(8, () => {});
      break;
    case 'array':
      draft.needs(BLOCK_VERSION_3_3);
      writeItems(draft, 9, term.value);
      break;
    case 'map':
      writeMap(
        draft,
        sorted(draft, term.value, ({ key }) => key),
      );
      break;
  }
}

function writeItems(draft: BlockDraft, field: number, items: readonly Term[]): void {
  draft.message(field, () => {
    for (const item of items) writeTerm(draft, 1, item);
  });
}

function writeMap(draft: BlockDraft, entries: readonly MapEntry[]): void {
  draft.needs(BLOCK_VERSION_3_3);
  draft.message(10, () => {
    for (const { key, value } of entries)
      draft.message(1, () => {
        draft.message(1, () =>
          key.kind === 'integer'
            ? draft.int64(1, key.value)
            : draft.uint32(2, draft.symbol(key.value)),
        );
        writeTerm(draft, 2, value);
      });
  });
}

function sorted<T>(draft: BlockDraft, items: readonly T[], term: (item: T) => Term): readonly T[] {
  // Number the items in the given order, before comparing them numbers them in another order.
  for (const item of items) {
    const { kind, value } = term(item);
    if (kind === 'string') draft.symbol(value);
  }
  return [...items].sort((left, right) => {
    const [a, b] = [term(left), term(right)];
    return a.kind === 'string' && b.kind === 'string'
      ? draft.symbol(a.value) - draft.symbol(b.value)
      : compareTerms(a, b);
  });
}
