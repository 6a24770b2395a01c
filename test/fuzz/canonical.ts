/**
 * Removes from printed Datalog what two printers may do differently: the order of items in a set or
 * a map, escapes inside strings, and the scope of a block before its source.
 */
import type { Outcome } from '../conformance/outcome.ts';

type Reader = { readonly text: string; at: number };

/**
 * Reads up to and including the quote that ends the string, which the reference does not escape.
 */
function readString(reader: Reader): string {
  const start = reader.at++;
  while (reader.at < reader.text.length && reader.text[reader.at] !== '"') reader.at++;
  return reader.text.slice(start, ++reader.at);
}

/** Reads items up to the closing bracket, and sorts them if it is a brace. */
function readGroup(reader: Reader, close: string): string {
  const items: string[] = [];
  let item = '';
  while (reader.at < reader.text.length) {
    const char = reader.text[reader.at] ?? '';
    if (char === close) {
      reader.at++;
      break;
    }
    if (char === ',' && close === '}') {
      items.push(item.trim());
      item = '';
      reader.at++;
    } else {
      item += readPiece(reader);
    }
  }
  items.push(item.trim());
  return close === '}' ? [...new Set(items)].sort().join(', ') : items.join('');
}

function readPiece(reader: Reader): string {
  const char = reader.text[reader.at] ?? '';
  if (char === '"') return readString(reader);
  reader.at++;
  if (char === '{') return `{${readGroup(reader, '}')}}`;
  if (char === '[') return `[${readGroup(reader, ']')}]`;
  if (char === '(') return `(${readGroup(reader, ')')})`;
  return char;
}

/** What only the reference prints: eager operators, and the operations of a broken expression. */
const withoutExtras = (text: string): string =>
  text
    // A line break in a name looks like one of the reference's layout.
    .replaceAll('\n', '')
    .replace(/(&&|\|\|)! /g, '$1 ')
    .replace(/<invalid expression: \[.*?\]>/g, '<invalid expression>');

function canonicalText(text: string): string {
  const reader: Reader = { text, at: 0 };
  let canonical = '';
  while (reader.at < text.length) canonical += readPiece(reader);
  return withoutExtras(canonical);
}

const sorted = (texts: readonly string[]): string[] => texts.map(canonicalText).sort();

const unique = (texts: readonly string[]): string[] => [...new Set(sorted(texts))];

/** The reference does not print the scope of a block, although the token has it. */
const withoutScope = (code: string): string => code.replace(/^trusting [^\n]*;\n/, '');

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

/** Our printer escapes text so that it can be parsed again. The reference's does not. */
const unescaped = (text: string): string =>
  text.replace(/\\(["\\n])/g, (whole, escaped: string) => ESCAPES[escaped] ?? whole);

/** Returns the outcome of our engine in the spelling of the reference. */
export const unescapedOutcome = (outcome: Outcome): Outcome =>
  JSON.parse(JSON.stringify(outcome), (_, value) =>
    typeof value === 'string' ? unescaped(value) : value,
  );

/** Both sides of a comparison are normalized by this, so that only relevant differences remain. */
export function canonicalOutcome(outcome: Outcome): Outcome {
  const { blocks, world } = outcome;
  const reduced: Outcome = {
    ...outcome,
    blocks: blocks?.map((block) => ({ ...block, code: withoutScope(block.code) })),
    world: world && {
      facts: world.facts.map(({ origin, facts }) => ({ origin, facts: unique(facts) })),
      rules: world.rules.map(({ origin, rules }) => ({ origin, rules: unique(rules) })),
      checks: world.checks.map(({ origin, checks }) => ({ origin, checks: sorted(checks) })),
      policies: world.policies,
    },
  };
  return JSON.parse(JSON.stringify(reduced), (_, value) =>
    typeof value === 'string' ? canonicalText(value) : value,
  );
}
