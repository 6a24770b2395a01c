import type { Block, Term } from '../biscuit/index.ts';
import { ok, type Result } from '../result.ts';
import {
  AUTHORITY_PREDICATES,
  type Authority,
  type AuthorityError,
  invalidFact,
  readAuthority,
} from './authority.ts';

/** Reads the authority from the first block of a token. */
export function authorityIn(block: Block): Result<Authority, AuthorityError> {
  const rows = authorityRows(block);
  return rows.ok ? readAuthority(rows.value) : rows;
}

/**
 * Returns the facts of the authority block. They are read as data: no rule, ours or a holder's, can
 * add to them.
 */
function authorityRows({ facts }: Block): Result<Record<string, unknown[][]>, AuthorityError> {
  const rows: Record<string, unknown[][]> = {};
  const counts: Readonly<Record<string, number>> = AUTHORITY_PREDICATES;
  for (const { name, terms } of facts) {
    if (!Object.hasOwn(counts, name)) continue;
    // A `holder` of two terms must not count as missing: the token would be bound to no key.
    if (counts[name] !== terms.length) return invalidFact(name, 'has the wrong number of terms');
    rows[name] ??= [];
    rows[name].push(terms.map(plain));
  }
  return ok(rows);
}

function plain({ kind, value }: Term): unknown {
  return kind === 'date' ? new Date(Number(value) * 1000) : value;
}
