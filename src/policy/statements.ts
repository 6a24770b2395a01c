import { ok, type Result, refuse } from '../result.ts';

/** One statement of a policy file, without comments and without its semicolon. */
export interface Statement {
  /** Where it starts, from 1. */
  readonly line: number;
  readonly text: string;
  /** `text` with the inside of every string blanked, so that a scan finds no code in a value. */
  readonly bare: string;
}

export interface StatementError {
  readonly line: number;
  readonly why: string;
}

/**
 * A string with its escapes, a comment of either kind, a semicolon; or the start of one unended.
 */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|;|"|\/\*/g;

/**
 * Splits a file into statements, because the engine names a policy by its index and says of a parse
 * error only what is left of the text. The engine then reads each statement by itself, so what it
 * evaluates and what a decision names cannot come apart. Comments may stand anywhere.
 */
export function splitStatements(source: string): Result<readonly Statement[], StatementError> {
  const statements: Statement[] = [];
  let text = '';
  let bare = '';
  let startsAt = 0;
  let end = 0;
  const lineAt = (offset: number): number => source.slice(0, offset).split('\n').length;
  const take = (from: number, to: number): void => {
    const piece = source.slice(from, to);
    if (text.trim() === '') startsAt = from + (piece.length - piece.trimStart().length);
    text += piece;
    bare += piece;
  };
  const finish = (): void => {
    if (text.trim() === '') return;
    const lead = text.length - text.trimStart().length;
    const length = text.trim().length;
    statements.push({
      ...{ line: lineAt(startsAt), text: text.trim(), bare: bare.slice(lead, lead + length) },
    });
  };
  for (const match of source.matchAll(TOKEN)) {
    const [token] = match;
    take(end, match.index);
    end = match.index + token.length;
    if (token === '"' || token === '/*') {
      const why = token === '"' ? 'a string without an end' : 'a comment without an end';
      return refuse({ line: lineAt(match.index), why });
    }
    if (token === ';') {
      if (text.trim() === '') {
        return refuse({ line: lineAt(match.index), why: 'an empty statement' });
      }
      finish();
      text = '';
      bare = '';
    } else if (token.startsWith('"')) {
      if (text.trim() === '') startsAt = match.index;
      text += token;
      bare += `"${' '.repeat(token.length - 2)}"`;
    } else {
      text += ' ';
      bare += ' ';
    }
  }
  take(end, source.length);
  finish();
  return ok(statements);
}
