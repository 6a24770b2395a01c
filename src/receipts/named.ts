import { type OriginNode, scalarOf, standsInRequest } from '../provenance/index.ts';

/** What is known of the values that a read was given. */
export interface KnownNames {
  /** The request of the user. It is undefined if the workflow has none. */
  readonly prompt: string | undefined;
  /** Whether a value was read from an object that was named itself. */
  readonly isNamedValue: (value: string | number) => boolean;
  /** The kind of the sink or argument at a pointer, if the catalogue says it. */
  readonly kindAt: (pointer: string) => string | undefined;
}

/**
 * Returns whether the request of the user chose what a read returned: each text and number in its
 * arguments stands in the request, or was itself read from an object that was named. A read
 * without arguments lists what there is, and chooses nothing.
 */
export function isNamedRead(nodes: readonly OriginNode[], known: KnownNames): boolean {
  const values = nodes.flatMap((node) => {
    const value = scalarOf(node);
    return value === undefined ? [] : [{ value, pointer: node.pointer }];
  });
  return values.length > 0 && values.every(({ value, pointer }) => isNamed(value, pointer, known));
}

/** Returns whether one value was chosen by the request of the user. */
export const isNamed = (
  value: string | number,
  pointer: string,
  { prompt, isNamedValue, kindAt }: KnownNames,
): boolean =>
  isNamedValue(value) || (prompt !== undefined && standsInRequest(prompt, value, kindAt(pointer)));
