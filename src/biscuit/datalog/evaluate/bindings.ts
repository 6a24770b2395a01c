/**
 * The variables that a body has bound so far. A stack, because a join binds and releases in that
 * order, and because bodies have so few variables that a scan is faster than a map.
 */
import type { Term } from '../ast.ts';

export type Bindings = {
  readonly names: string[];
  readonly values: Term[];
  /** How many of `names` and `values` are bound. Entries above are stale. */
  count: number;
};

/** The cost of a variable lookup beyond the step that it is part of: zero for ordinary bodies. */
export const lookupCost = ({ count }: Bindings): number => count >> 4;

export const noBindings = (): Bindings => ({ names: [], values: [], count: 0 });

export function bound(bindings: Bindings, name: string): Term | undefined {
  for (let i = 0; i < bindings.count; i++) {
    if (bindings.names[i] === name) return bindings.values[i];
  }
  return undefined;
}

export const isBound = (bindings: Bindings, name: string): boolean =>
  bound(bindings, name) !== undefined;

export function bind(bindings: Bindings, name: string, value: Term): void {
  bindings.names[bindings.count] = name;
  bindings.values[bindings.count] = value;
  bindings.count++;
}

export function release(bindings: Bindings, count: number): void {
  bindings.count = count;
}
