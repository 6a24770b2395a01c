/** A primitive value that two terms share if and only if they are equal. */
import { toHex } from '../../encoding.ts';
import type { Term } from '../datalog/index.ts';

/** Scalars of one kind and keys of maps need no string: `1`, `"1"` and `1n` already differ. */
export function termKey(term: Term): string | number | bigint | boolean | null {
  switch (term.kind) {
    case 'variable':
    case 'integer':
    case 'string':
    case 'date':
    case 'bool':
    case 'null':
      return term.value;
    default:
      return nestedKey(term);
  }
}

function nestedKey(term: Term): string {
  switch (term.kind) {
    case 'bytes':
      return `bytes:${toHex(term.value)}`;
    case 'array':
      return `[${term.value.map(nestedKey).join()}]`;
    case 'set':
      return `<${term.value.map(nestedKey).sort().join()}>`;
    case 'map':
      return `{${term.value
        .map(({ key, value }) => `${nestedKey(key)}:${nestedKey(value)}`)
        .sort()
        .join()}}`;
    default:
      return `${term.kind}:${typeof term.value === 'string' ? JSON.stringify(term.value) : term.value}`;
  }
}
