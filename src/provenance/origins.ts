/** Where the values in the arguments of a call come from, as far as someone attests it. */
import { valueOrigin } from './sources.ts';

/** A value that someone attests, and where it stood. */
export interface AttestedValue {
  readonly value: string | number;
  /** As texts: see `originText`. */
  readonly sources: readonly string[];
  /** Attests it for this argument alone. Without it: for every argument with this value. */
  readonly pointer?: string;
}

/** One value in the arguments of a call: the part of an `ArgumentNode` that has an origin. */
export interface OriginNode {
  readonly pointer: string;
  readonly type: string;
  readonly value?: unknown;
  /** Of a number, in millionths. */
  readonly micros?: bigint;
}

/** Where one value in the arguments comes from. */
export interface Origins {
  /** RFC 6901. Empty for the arguments as a whole, which come from nowhere. */
  readonly pointer: string;
  readonly sources: readonly string[];
}

/**
 * Returns the origins of each text and number in the arguments, and of the whole. A value is its
 * own origin, and has those of each attested value that equals it in type and value, exactly.
 * Booleans, null, objects and arrays have no origin, and neither has content, which was not read.
 *
 * `everywhere` are origins that all values of the call have, such as `approved`.
 */
export function argumentOrigins(
  nodes: readonly OriginNode[],
  attested: readonly AttestedValue[] = [],
  everywhere: readonly string[] = [],
): readonly Origins[] {
  const known = new Map<string, AttestedValue[]>();
  for (const one of attested) {
    const own = valueOrigin(one.value);
    known.set(own, [...(known.get(own) ?? []), one]);
  }
  const all: Origins[] = [{ pointer: '', sources: [] }];
  for (const node of nodes) {
    const value = scalarOf(node);
    if (value === undefined) continue;
    const own = valueOrigin(value);
    const attests = (known.get(own) ?? [])
      .filter(({ pointer = node.pointer }) => pointer === node.pointer)
      .flatMap(({ sources }) => sources);
    all.push({ pointer: node.pointer, sources: [...new Set([own, ...attests, ...everywhere])] });
  }
  return all;
}

/** Returns the text or the number at a node. Returns undefined for any other node. */
export function scalarOf({ type, value, micros }: OriginNode): string | number | undefined {
  if (type === 'string' && typeof value === 'string') return value;
  return micros === undefined ? undefined : Number(`${micros}e-6`);
}
