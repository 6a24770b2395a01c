import type { Block, Check } from '../biscuit/index.ts';

/**
 * When a token ends: the earliest date of its checks of the form `check if time($t), $t < date`, in
 * unix seconds. Undefined without such a check. What a holder wrote in another form may end it
 * sooner, and never later.
 */
export function expiryOf(blocks: readonly Block[]): number | undefined {
  const ends = blocks
    .flatMap(({ checks }) => checks.map(endOf))
    .filter((end): end is number => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function endOf({ kind, queries }: Check): number | undefined {
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
