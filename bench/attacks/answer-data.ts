/** The recorded answers as a server of MCP would give them. */
import { parse } from 'yaml';
import type { Json } from '../agent-authz-bench/index.ts';

/**
 * Returns the data of an answer. The tools were written in Python, and their answers were recorded
 * as YAML or as Python prints them; a server of MCP would have sent the same as JSON. Anything else
 * is a text.
 */
export function dataOf(answer: string): Json {
  if (/^[[{]/.test(answer)) return pythonData(answer) ?? answer;
  if (answer.startsWith('- ') || /^[a-z_]+:(?: |\n)/.test(answer))
    return yamlData(answer) ?? answer;
  return answer;
}

function yamlData(text: string): Json | undefined {
  try {
    const data: unknown = parse(text, { schema: 'core', logLevel: 'error' });
    return typeof data === 'object' && data !== null ? (data as Json) : undefined;
  } catch {
    return undefined;
  }
}

const WORDS: Readonly<Record<string, string>> = { None: 'null', True: 'true', False: 'false' };
/** A string in either kind of quotes, or a word. */
const PYTHON = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\b(None|True|False)\b/gs;

/** Reads literals of Python by writing them as JSON. */
function pythonData(text: string): Json | undefined {
  const json = text.replace(PYTHON, (_, single?: string, double?: string, word?: string) => {
    if (word !== undefined) return WORDS[word] ?? word;
    const inner = (single ?? double ?? '').replace(/\\'/g, "'").replace(/(?<!\\)"/g, '\\"');
    return `"${inner.replace(/\\x([0-9a-f]{2})/g, '\\u00$1')}"`;
  });
  try {
    return JSON.parse(json) as Json;
  } catch {
    return undefined;
  }
}
