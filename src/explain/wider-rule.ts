import { isJsonObject, type Json } from '../canonical-json.ts';
import { parseConstraint } from '../capability/index.ts';
import type { ExplainedChange, ExplainedVersion } from './explanation.ts';
import { type Requirement, requiredBy } from './requirement.ts';
import { blankText, sampleOf, widen } from './widen.ts';

/** A change of the rule with a blank for the value, or why there is none. */
export type WiderRule = { readonly change: ExplainedChange } | { readonly why: string };

/**
 * Proposes a rule that requires the same and allows one value more. The value stays blank: the
 * issuer has only the digest of the arguments. The policy is loaded with the change and asked
 * whether it still grants and requires something else than before.
 */
export function proposeWider(
  version: ExplainedVersion,
  { range, input, required }: Requirement,
  pointer: string,
): WiderRule {
  const { file, from, to } = range;
  const lines = (version.files.find(({ name }) => name === file)?.source ?? '').split('\n');
  const statement = lines.slice(from - 1, to).join('\n');
  const written = limitIn(statement);
  if (!written) return { why: 'The limit is not written out in the rule.' };
  const limit = parseConstraint(written.limit);
  if (!limit.ok) return { why: 'The limit is not written out in the rule.' };
  const widened = widen(limit.value, stepsBelow(written.pointer, pointer));
  if ('why' in widened) return widened;
  const [before, after] = [statement.slice(0, written.start), statement.slice(written.end)];
  const wider = `${before}${inOneLine(widened.constraint)}${after}`;
  const text = blankText(widened.form);
  const tried = sampleOf(widened, wider);
  const files = version.files.map((one) =>
    one.name === file ? { name: file, source: replaced(lines, range, tried) } : one,
  );
  const requires = requiredBy(version, files, input);
  if (requires === undefined) return { why: 'The policy would refuse the grant with it.' };
  if (requires === required) return { why: 'Another rule would limit it in the same way.' };
  return {
    change: {
      file,
      line: from,
      diff: [
        ...lines.slice(from - 1, to).map((each) => ({ sign: '-', text: each }) as const),
        ...wider.split('\n').map((each) => ({ sign: '+', text: each }) as const),
      ],
      allows: false,
      blank: { text, form: widened.form, pointer },
    },
  };
}

const replaced = (
  lines: readonly string[],
  { from, to }: { readonly from: number; readonly to: number },
  statement: string,
): string => [...lines.slice(0, from - 1), statement, ...lines.slice(to)].join('\n');

interface Written {
  /** Undefined where the rule has a variable. */
  readonly pointer: string | undefined;
  readonly limit: Json;
  /** Where the limit stands in the statement. */
  readonly start: number;
  readonly end: number;
}

/** Returns the limit as a statement writes it. Undefined if it has a variable or is no JSON. */
function limitIn(statement: string): Written | undefined {
  const head = /^\s*require_constraint\(\s*("(?:[^"\\]|\\.)*"|\$\w+)\s*,\s*/.exec(statement);
  if (!head || statement[head[0].length] !== '{') return undefined;
  const start = head[0].length;
  const end = endOfObject(statement, start);
  const limit = end === undefined ? undefined : jsonOf(statement.slice(start, end));
  if (end === undefined || limit === undefined || !isJsonObject(limit)) return undefined;
  const [, named = ''] = head;
  return { pointer: named.startsWith('"') ? String(jsonOf(named)) : undefined, limit, start, end };
}

/** Returns the place after the bracket that closes the one at `start`. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  for (const { 0: part, index } of text.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (part === '{') depth += 1;
    if (part === '}') depth -= 1;
    if (depth === 0) return start + index + 1;
  }
  return undefined;
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Returns the segments from the argument that a rule names to the one that a call has. */
function stepsBelow(named: string | undefined, pointer: string): readonly string[] {
  if (named === undefined || !pointer.startsWith(`${named}/`)) return [];
  return pointer.slice(named.length + 1).split('/');
}

/** As a person writes it: with a space after each comma and colon outside of texts. */
const inOneLine = (value: Json): string =>
  JSON.stringify(value).replace(/("(?:[^"\\]|\\.)*")|([,:])/g, (_, text: string, mark: string) =>
    mark === undefined ? text : `${mark} `,
  );
