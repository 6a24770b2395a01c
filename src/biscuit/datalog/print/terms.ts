/**
 * Prints terms as the reference does. Only strings differ: characters that would end or change a
 * string literal are escaped, so that printed text always parses to the same term.
 */
import { toHex } from '../../../encoding.ts';
import type { Int64, MapEntry, Predicate, PublicKey, Term } from '../ast.ts';

// 9999-12-31T23:59:59Z: later years have more than four digits, which date literals do not support.
const SECONDS_MAX = 253_402_300_799;

function printDate(seconds: Int64): string {
  if (seconds > SECONDS_MAX) return '<invalid date>';
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n' };

const printString = (value: string) =>
  `"${value.replace(/["\\\n]/g, (character) => ESCAPES[character] ?? character)}"`;

const printList = (terms: readonly Term[]) => terms.map(printTerm).join(', ');

const printEntry = ({ key, value }: MapEntry) => `${printTerm(key)}: ${printTerm(value)}`;

/** Returns a term as Datalog text. */
export function printTerm(term: Term): string {
  switch (term.kind) {
    case 'variable':
      return `$${term.value}`;
    case 'integer':
    case 'bool':
    case 'null':
      return String(term.value);
    case 'string':
      return printString(term.value);
    case 'date':
      return printDate(term.value);
    case 'bytes':
      return `hex:${toHex(term.value)}`;
    case 'set':
      // `{}` is the empty map.
      return term.value.length === 0 ? '{,}' : `{${printList(term.value)}}`;
    case 'array':
      return `[${printList(term.value)}]`;
    case 'map':
      return `{${term.value.map(printEntry).join(', ')}}`;
  }
}

export const printPredicate = ({ name, terms }: Predicate): string =>
  `${name}(${printList(terms)})`;

/** Returns a public key as Datalog writes it in a scope: `ed25519/<hex>`. */
export const printPublicKey = ({ algorithm, bytes }: PublicKey): string =>
  `${algorithm}/${toHex(bytes)}`;
