import { UNSEEN } from '../unseen.ts';

/** The keys that lead to a value of the file; a number is the index of a list. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong in a file that a person edits. */
export interface FileFault {
  readonly file: string;
  /** Counts from 1. Absent if the fault has no place, such as a missing file. */
  readonly line?: number;
  /** Counts from 1. */
  readonly column?: number;
  /** The key, such as `gateways.main.url`. Absent for a fault of the whole file. */
  readonly key?: string;
  /** What was found. Never the value of a secret. */
  readonly found: string;
  /** What is allowed, or what to do. */
  readonly allowed?: string;
  readonly suggestion?: string;
}

/** A fault before the place of its key in the file is known. */
export interface KeyFault {
  readonly path: KeyPath;
  readonly found: string;
  readonly allowed?: string;
  readonly suggestion?: string;
  /** True if the fault is about the key itself, not about its value. */
  readonly atKey?: true;
}

/** A fault between several values of one environment. The path starts inside the environment. */
export interface RuleFault {
  readonly path: KeyPath;
  readonly found: string;
  readonly allowed: string;
}

/** Returns one line: `hewn.toml:3:5: issuer.feedShard: unknown key. Allowed: … Did you mean …?` */
export function showFault(fault: FileFault): string {
  const { file, line, column, key, found, allowed, suggestion } = fault;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const text = [
    `${place}: ${key === undefined ? '' : `${key}: `}${found}.`,
    allowed === undefined ? '' : ` Allowed: ${allowed}.`,
    suggestion === undefined ? '' : ` Did you mean ${JSON.stringify(suggestion)}?`,
  ].join('');
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** A name from the file could otherwise reorder or color the terminal. */
const INVISIBLE = new RegExp(`[\\p{Cc}\\p{Cf}\\p{Cs}]|${UNSEEN.source}`, 'gu');

/** Returns a path as TOML writes it: `gateways.main.upstreams."my server"`, `audiences[0]`. */
export const showPath = (path: KeyPath): string =>
  path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const text = /^[\w-]{1,64}$/.test(part) ? part : JSON.stringify(part.slice(0, 64));
      return index === 0 ? text : `.${text}`;
    })
    .join('');
