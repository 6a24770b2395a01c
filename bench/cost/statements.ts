/**
 * Returns the single statements of an SQL text. A cursor of several statements reports the rows of
 * its last one only, so they are counted one by one.
 */
export function statementsOf(text: string): readonly string[] {
  const statements: string[] = [];
  let statement = '';
  for (const part of text.split(/(--[^\n]*\n|'(?:[^']|'')*'|"(?:[^"]|"")*"|;)/)) {
    if (part.startsWith('--')) continue;
    if (part === ';' && isWhole(statement)) {
      if (statement.trim() !== '') statements.push(statement);
      statement = '';
    } else statement += part;
  }
  if (statement.trim() !== '') statements.push(statement);
  return statements;
}

/** The body of a trigger has statements of its own, and ends with END. */
const isWhole = (statement: string): boolean =>
  !/^\s*CREATE\s+(TEMP\s+)?TRIGGER\b/i.test(statement) || /\bEND\s*$/i.test(statement);
