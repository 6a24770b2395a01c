import type { JsonObject } from '../../canonical-json.ts';
import type { Result } from '../../result.ts';

/** The path of an entry in a file: the keys of the table of servers, and the server's name. */
export type EntryPath = readonly string[];

/** A file that people edit, too. An edit keeps its comments, its order and its white space. */
export interface Format {
  /** Reads a whole file. An empty one is an empty object. */
  readonly parse: (text: string) => Promise<Result<JsonObject, string>>;
  /** Returns the text with one entry set, or removed if the value is undefined. */
  readonly edit: (
    text: string,
    path: EntryPath,
    value: JsonObject | undefined,
  ) => Promise<Result<string, string>>;
}
