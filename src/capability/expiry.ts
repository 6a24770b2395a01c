import type { Block, Check } from '../biscuit/index.ts';
import type { UnixSeconds } from '../clock.ts';

/**
 * Returns when a token expires: the earliest date of its checks of the form
 * `check if time($t), $t < date`. Undefined if it has no such check. A holder's check of another
 * form can make it expire sooner, never later.
 */
export function expiryOf(blocks: readonly Block[]): UnixSeconds | undefined {
  const ends = blocks
    .flatMap(({ checks }) => checks.map(endOf))
    .filter((end): end is UnixSeconds => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function endOf({ kind, queries }: Check): UnixSeconds | undefined {
  const [query, ...others] = queries;
  if (kind === 'reject' || !query || others.length > 0) return undefined;
  const [fact, ...facts] = query.body;
  const [time] = fact?.terms ?? [];
  if (fact?.name !== 'time' || facts.length > 0 || time?.kind !== 'variable') return undefined;
  const ends = query.expressions.flatMap(([left, right, operator]) => {
    const isTime = left?.kind === 'value' && left.term.kind === 'variable';
    const isBefore = operator?.kind === 'binary' && operator.operator === 'lessThan';
    if (!isTime || !isBefore || left.term.value !== time.value) return [];
    return right?.kind === 'value' && right.term.kind === 'date' ? [Number(right.term.value)] : [];
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
}
