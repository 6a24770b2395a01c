/** A server that the client starts and speaks to over its standard streams. */
export interface StdioEntry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A server that the client reaches at a URL, over Streamable HTTP. */
export interface HttpEntry {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A command that prints the headers as a JSON object. Claude Code alone knows it. */
  readonly headersHelper?: string;
}

/** How a client reaches one MCP server, whatever form the client writes it in. */
export type ServerEntry = StdioEntry | HttpEntry;

/** Entries by the name of the server. */
export type ServerEntries = Readonly<Record<string, ServerEntry>>;

export const isStdio = (entry: ServerEntry): entry is StdioEntry => 'command' in entry;
