import type { CatalogueError } from './catalogue.ts';
import { readTools } from './parse.ts';

/** One thing that is wrong in a catalogue. */
export interface CatalogueFault {
  /** Counts from 1. Absent if it could not be found. */
  readonly line?: number;
  /** As in `tool.3.datasets.0.under`. Tools are counted from 0. Absent for a fault of the file. */
  readonly where?: string;
  readonly why: string;
}

/**
 * Returns every fault of a catalogue, for a person who repairs it: that of the file or of its TOML,
 * or else every fault of each tool. Empty if the catalogue is valid.
 */
export function findCatalogueFaults(toml: string): readonly CatalogueFault[] {
  const headers = toolHeaders(toml);
  return [...readTools(toml)].flatMap((read) => (read.ok ? [] : [faultOf(read.error, headers)]));
}

function faultOf(error: CatalogueError, headers: readonly ToolHeader[]): CatalogueFault {
  switch (error.code) {
    case 'catalogue_too_large':
      return { why: 'too large for a catalogue: at most 256 KiB are allowed' };
    case 'toml_invalid':
      return { line: error.line, why: error.why };
    case 'catalogue_invalid': {
      const { where, why } = error;
      const [kind = '', index = '', ...path] = where.split('.');
      const line = lineOf(headers.filter((one) => one.kind === kind)[Number(index)], path);
      return { ...(line !== undefined && { line }), ...(where !== '' && { where }), why };
    }
  }
}

/** The line of the longest part of the path that has one, such as `answer.bytes` or `answer`. */
function lineOf(header: ToolHeader | undefined, path: readonly string[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const line = header?.keys.get(path.slice(0, depth).join('.'));
    if (line !== undefined) return line;
  }
  return header?.line;
}

interface ToolHeader {
  /** `tool`, or another table of the file. */
  readonly kind: string;
  readonly line: number;
  /** The line of each key below the header, and of each key of its tables: `answer.bytes`. */
  readonly keys: ReadonlyMap<string, number>;
}

const HEADER = /^\s*\[\[\s*(tool|flow|labelled|history)\s*\]\]/;
/** `[tool.answer]`, and `[[tool.datasets]]` with the index of the table in the list. */
const TABLE_HEADER = /^\s*(\[\[?)\s*(?:tool|history)\s*\.\s*([\w.-]+)\s*\]/;
const KEY = /^\s*((?:[\w-]+|"[\w-]+")(?:\s*\.\s*(?:[\w-]+|"[\w-]+"))*)\s*=/;

/**
 * Finds the line of each table of the file, such as `[[tool]]`, and of its keys. The parser of
 * TOML keeps no positions, and one that does would be part of every issuer for the sake of this
 * message. A catalogue that writes its tools in another way gets faults without lines.
 */
function toolHeaders(toml: string): readonly ToolHeader[] {
  const headers: (ToolHeader & { keys: Map<string, number> })[] = [];
  let quote: string | undefined;
  let table: readonly string[] = [];
  for (const [index, text] of toml.split('\n').entries()) {
    const line = index + 1;
    if (quote === undefined) {
      const [, kind] = HEADER.exec(text) ?? [];
      if (kind !== undefined) {
        headers.push({ kind, line, keys: new Map() });
        table = [];
      }
      const keys = headers.at(-1)?.keys;
      const [, brackets, name] = TABLE_HEADER.exec(text) ?? [];
      if (name !== undefined) {
        table = brackets === '[[' ? [name, String(elementsOf(name, keys))] : name.split('.');
        noteLines(keys, table, line);
      }
      const [, key] = KEY.exec(text) ?? [];
      if (key !== undefined) noteLines(keys, [...table, ...partsOf(key)], line);
    }
    // A text of several lines may contain anything, such as `[[tool]]`.
    for (const [mark] of text.matchAll(/"""|'''/g)) {
      if (quote === undefined) quote = mark;
      else if (quote === mark) quote = undefined;
    }
  }
  return headers;
}

const partsOf = (key: string): readonly string[] =>
  key.split('.').map((part) => part.trim().replaceAll('"', ''));

/** How many `[[tool.<name>]]` the tool has already. */
function elementsOf(name: string, keys: ReadonlyMap<string, number> | undefined): number {
  let count = 0;
  while (keys?.has(`${name}.${count}`)) count++;
  return count;
}

/** Notes the line of a key and of what it lies in, where they have none yet. */
function noteLines(
  keys: Map<string, number> | undefined,
  path: readonly string[],
  line: number,
): void {
  for (let depth = 1; depth <= path.length; depth++) {
    const key = path.slice(0, depth).join('.');
    if (keys && !keys.has(key)) keys.set(key, line);
  }
}
