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
      const [, index = '', key = ''] = where.split('.');
      const header = headers[Number(index)];
      const line = header && (header.keys.get(key) ?? header.line);
      return { ...(line !== undefined && { line }), ...(where !== '' && { where }), why };
    }
  }
}

interface ToolHeader {
  readonly line: number;
  /** The line of each key below the header. */
  readonly keys: ReadonlyMap<string, number>;
}

/**
 * Finds the line of each `[[tool]]` and of its keys. The TOML parser keeps no positions, and one
 * that does would be part of every issuer for the sake of this message. A catalogue that writes its
 * tools in another way gets faults without lines.
 */
function toolHeaders(toml: string): readonly ToolHeader[] {
  const headers: { line: number; keys: Map<string, number> }[] = [];
  let quote: string | undefined;
  for (const [index, text] of toml.split('\n').entries()) {
    const line = index + 1;
    if (quote === undefined) {
      if (/^\s*\[\[\s*tool\s*\]\]/.test(text)) headers.push({ line, keys: new Map() });
      const key = /^\s*(?:([\w-]+)|"([\w-]+)")\s*=/.exec(text);
      const name = key?.[1] ?? key?.[2];
      const keys = headers.at(-1)?.keys;
      if (name !== undefined && keys && !keys.has(name)) keys.set(name, line);
    }
    // A text of several lines may contain anything, such as `[[tool]]`.
    for (const [mark] of text.matchAll(/"""|'''/g)) {
      if (quote === undefined) quote = mark;
      else if (quote === mark) quote = undefined;
    }
  }
  return headers;
}
