import type { ParseError } from 'jsonc-parser';
import { isJsonObject } from '../../canonical-json.ts';
import { ok, refuse } from '../../result.ts';
import type { EntryPath, Format } from './format.ts';

/** Loaded only where a file is read or edited, so that nothing else needs the optional package. */
const loadParser = () => import('jsonc-parser').catch(() => undefined);

const MISSING =
  'the optional package jsonc-parser is not installed, and without it no comment is kept';

/** JSON with comments and trailing commas. Plain JSON is such a file. */
export const jsonFormat: Format = {
  parse: async (text) => {
    if (text.trim() === '') return ok({});
    const parser = await loadParser();
    if (parser === undefined) return refuse(MISSING);
    const errors: ParseError[] = [];
    const value: unknown = parser.parse(text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first !== undefined) {
      const line = text.slice(0, first.offset).split('\n').length;
      return refuse(`line ${line}: ${parser.printParseErrorCode(first.error)}`);
    }
    return isJsonObject(value) ? ok(value) : refuse('it is no JSON object');
  },
  edit: async (text, path, value) => {
    const parser = await loadParser();
    if (parser === undefined) return refuse(MISSING);
    const source = text.trim() === '' ? '{}\n' : text;
    const last = value === undefined ? lastWithComma(parser, source, path) : undefined;
    if (last) return ok(source.slice(0, last.start) + source.slice(last.end));
    const edits = parser.modify(source, [...path], value, {
      formattingOptions: {
        ...indentationOf(source),
        eol: source.includes('\r\n') ? '\r\n' : '\n',
      },
    });
    return ok(parser.applyEdits(source, edits));
  },
};

/**
 * Returns where an entry is that is the last of its table and has a comma after it, with its line.
 * The parser's own removal would leave that comma, which is then no JSON.
 */
function lastWithComma(
  parser: typeof import('jsonc-parser'),
  text: string,
  path: EntryPath,
): { readonly start: number; readonly end: number } | undefined {
  const root = parser.parseTree(text, [], { allowTrailingComma: true });
  const entry = root && parser.findNodeAtLocation(root, [...path])?.parent;
  if (!entry || entry.parent?.children?.at(-1) !== entry) return undefined;
  const scanner = parser.createScanner(text, true);
  scanner.setPosition(entry.offset + entry.length);
  if (scanner.scan() !== COMMA) return undefined;
  const end = scanner.getTokenOffset() + scanner.getTokenLength();
  const isWholeLine = /^[^\S\n]*(?:\/\/.*)?(?:\n|$)/.test(text.slice(end));
  const [before = ''] = (isWholeLine && /\r?\n[^\S\n]*$/.exec(text.slice(0, entry.offset))) || [];
  return { start: entry.offset - before.length, end };
}

/** `SyntaxKind.CommaToken`, a const enum, which is no value of the package. */
const COMMA = 5;

/** Returns how the first indented line of a file is indented. */
function indentationOf(text: string): { readonly insertSpaces: boolean; readonly tabSize: number } {
  const [, indent = '  '] = /^([ \t]+)\S/m.exec(text) ?? [];
  return indent.startsWith('\t')
    ? { insertSpaces: false, tabSize: 1 }
    : { insertSpaces: true, tabSize: indent.length };
}
