import { ok, type Result, refuse } from './result.ts';

/** Where a text cannot be what its author wrote; `line` counts from 1. */
export interface SourceFault {
  readonly line: number;
  readonly why: string;
}

// A leading U+FEFF is dropped: editors write it, and no name begins with it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * A text that grants power, such as a policy, a catalogue or keys. Refused where its bytes are not
 * UTF-8: replaced, `deny if tool("café")` would deny a tool that nobody has.
 */
export function decodeSource(bytes: Uint8Array): Result<string, 'not_utf8'> {
  try {
    return ok(decoder.decode(bytes));
  } catch {
    return refuse('not_utf8');
  }
}

const REPLACED = '\u{FFFD}';

/** The first line with a character that a lenient decoder put there, whoever read the file. */
export const replacedAt = (source: string): SourceFault | undefined =>
  source.includes(REPLACED)
    ? {
        line: lineAt(source, source.indexOf(REPLACED)),
        why: 'U+FFFD, which stands for bytes that are not UTF-8: save the file as UTF-8',
      }
    : undefined;

/** Whether names that are compared with this one could ever be equal to it. */
export const isComposed = (text: string): boolean => text.normalize('NFC') === text;

/** The first line that is not in NFC, for a source in which such a text was found. */
export const uncomposedAt = (source: string): SourceFault => {
  const index = source.split('\n').findIndex((line) => !isComposed(line));
  return { line: Math.max(0, index) + 1, why: NOT_COMPOSED };
};

export const NOT_COMPOSED = 'a text that is not in Unicode form NFC, in which all names are';

export const lineAt = (source: string, offset: number): number =>
  source.slice(0, offset).split('\n').length;
