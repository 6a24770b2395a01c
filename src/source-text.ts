import { ok, type Result, refuse } from './result.ts';

/** Where a text differs from what its author wrote. `line` counts from 1. */
export interface SourceFault {
  readonly line: number;
  readonly why: string;
}

// Drops a leading U+FEFF: editors write it, and no name begins with it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * Decodes a text that grants power, such as a policy, a catalogue or keys. Rejects bytes that are
 * not UTF-8. With replacement, `deny if tool("café")` would deny a tool that does not exist.
 */
export function decodeSource(bytes: Uint8Array): Result<string, 'not_utf8'> {
  try {
    return ok(decoder.decode(bytes));
  } catch {
    return refuse('not_utf8');
  }
}

const REPLACED = '\u{FFFD}';

/** Returns the first line with a replacement character, which a lenient decoder put there. */
export const replacedAt = (source: string): SourceFault | undefined =>
  source.includes(REPLACED)
    ? {
        line: lineAt(source, source.indexOf(REPLACED)),
        why: 'U+FFFD, which stands for bytes that are not UTF-8: save the file as UTF-8',
      }
    : undefined;

/** Whether a name compared with this text can ever be equal to it. */
export const isComposed = (text: string): boolean => text.normalize('NFC') === text;

/** Returns the first line that is not in NFC, for a source in which such a text was found. */
export const uncomposedAt = (source: string): SourceFault => {
  const index = source.split('\n').findIndex((line) => !isComposed(line));
  return { line: Math.max(0, index) + 1, why: NOT_COMPOSED };
};

export const NOT_COMPOSED = 'a text that is not in Unicode form NFC, which all names use';

export const lineAt = (source: string, offset: number): number =>
  source.slice(0, offset).split('\n').length;
