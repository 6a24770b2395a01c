import type { JsonObject } from '../canonical-json.ts';
import type { Result } from '../result.ts';
import type { ServerEntries, ServerEntry } from './entry.ts';

export const CLIENT_NAMES = [
  ...(['claude', 'codex', 'gemini', 'opencode'] as const),
  ...(['cursor', 'vscode', 'claude-desktop', 'windsurf'] as const),
] as const;

export type ClientName = (typeof CLIENT_NAMES)[number];

/** Where the files of clients are on this machine. */
export interface Places {
  /** The home folder of the user. */
  readonly home: string;
  /** The folder of the project that the client works in. */
  readonly project: string;
  readonly platform: NodeJS.Platform;
  readonly variable: (name: string) => string | undefined;
}

/** Where a configuration belongs: to the user, in every folder, or to one project. */
export type Scope = 'user' | 'project';

/** What a run may settle about its servers, if the client can be told. */
export interface RunSettings {
  /** Lets the agent call every tool of the servers without asking. By default the client asks. */
  readonly approveTools?: boolean;
  /** How long the client waits for one call, which may itself wait for a person. */
  readonly callSeconds?: number;
  /**
   * Names of the servers that the client's own files configure. They are switched off for the run,
   * so that no way leads around the gateway.
   */
  readonly others?: readonly string[];
  /** The environment that the client would inherit: some settings are added to a variable. */
  readonly variable?: (name: string) => string | undefined;
}

/** A file that must exist while the client runs. It holds no secret, yet is only for its owner. */
export interface RunFile {
  /** An absolute path, in the folder of the run. */
  readonly path: string;
  readonly content: string;
}

/** What hands a client its servers for one run, without a change of the user's files. */
export interface OneRun {
  /** Arguments that go right after the command, before the user's own. */
  readonly args: readonly string[];
  /** Variables that are added to the environment of the client. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly RunFile[];
}

/** One client as data. */
export interface Client {
  readonly name: ClientName;
  /** What people call it. */
  readonly title: string;
  /** The commands that start it, without a folder and an ending. None: it is a desktop program. */
  readonly commands: readonly string[];
  readonly format: 'json' | 'jsonc' | 'toml';
  /** Returns the file of a scope. Undefined: the client has none. */
  readonly file: (scope: Scope, places: Places) => string | undefined;
  /** Where the entries are in the file. */
  readonly path: readonly string[];
  /** The entry as the client writes it. */
  readonly write: (entry: ServerEntry) => Result<JsonObject, string>;
  /** Reads an entry. Undefined: it has a form that is not known here. */
  readonly read: (value: JsonObject) => ServerEntry | undefined;
  /** How the name of a server or a tool becomes part of the name that the model uses. */
  readonly modelName: (server: string, tool: string) => string;
  /** Absent: the client cannot be told for one run. */
  readonly oneRun?: (
    entries: ServerEntries,
    folder: string,
    settings: RunSettings,
  ) => Result<OneRun, string>;
}
