import { parse, TomlError } from 'smol-toml';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { tomlKey, tomlValue } from '../../toml-text.ts';
import type { EntryPath, Format } from './format.ts';

export const tomlFormat: Format = {
  parse: async (text) => {
    try {
      // Dates become texts, so that two readings can be compared.
      return ok(JSON.parse(JSON.stringify(parse(text))) as JsonObject);
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      return refuse(`line ${error.line}: ${error.message.split('\n', 1)[0]}`);
    }
  },
  edit: async (text, path, value) => {
    const removed = await remove(text, path);
    if (!removed.ok || value === undefined) return removed;
    const before = removed.value.replace(/\s*$/, '');
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    return ok([...(before === '' ? [] : [before, '']), ...tableLines(path, value)].join(eol) + eol);
  },
};

/** Writes an entry as a table, and each table in it as one of its own. */
function tableLines(path: EntryPath, value: JsonObject): readonly string[] {
  const members = Object.entries(value);
  const plain = members.filter(([, member]) => !isJsonObject(member));
  return [
    `[${path.map(tomlKey).join('.')}]`,
    ...plain.map(([key, member]) => `${tomlKey(key)} = ${tomlValue(member)}`),
    ...members.flatMap(([key, member]) =>
      isJsonObject(member) ? ['', ...tableLines([...path, key], member)] : [],
    ),
  ];
}

interface Node {
  readonly type: string;
  readonly range: readonly [start: number, end: number];
  readonly resolvedKey?: readonly (string | number)[];
  readonly body?: readonly Pair[];
}

interface Pair extends Node {
  readonly key: { readonly keys: readonly { readonly name?: string; readonly value?: string }[] };
}

/** Removes the tables and the lines of an entry, wherever in the file they are. */
async function remove(text: string, path: EntryPath): Promise<Result<string, string>> {
  const parser = await import('toml-eslint-parser').catch(() => undefined);
  if (parser === undefined) {
    return refuse('the optional package toml-eslint-parser is not installed');
  }
  const nodes = parser.parseTOML(text).body[0].body as unknown as readonly (Node | Pair)[];
  const ranges = nodes.flatMap((node) => {
    if (isPair(node)) return isBelow(keysOf(node), path) ? [node.range] : [];
    const table = (node.resolvedKey ?? []).map(String);
    if (isBelow(table, path)) return [node.range];
    return (node.body ?? [])
      .filter((pair) => isBelow([...table, ...keysOf(pair)], path))
      .map(({ range }) => range);
  });
  let left = text;
  for (const [start, end] of [...ranges].reverse()) {
    // With its line end, and with the empty lines that set it apart from what comes before.
    const rest = left.slice(end).replace(/^[^\S\r\n]*(?:\r?\n)?/, '');
    left = `${left.slice(0, start).replace(/\n(?:[^\S\n]*\n)+$/, '\n')}${rest}`;
  }
  return ok(left);
}

const isPair = (node: Node | Pair): node is Pair => node.type === 'TOMLKeyValue';

const keysOf = ({ key }: Pair): readonly string[] =>
  key.keys.map(({ name, value }) => name ?? value ?? '');

const isBelow = (keys: readonly string[], path: EntryPath): boolean =>
  path.every((part, index) => keys[index] === part);
