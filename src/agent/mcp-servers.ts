/** An MCP server behind the audience, as `StreamableHTTPClientTransport` takes it. */
export interface McpEndpoint {
  readonly url: URL;
  readonly fetch: typeof fetch;
}

/** Which MCP servers are at which URLs of an audience. */
export interface McpServers {
  /** Returns the name of the server at a URL, or undefined if no server has that URL. */
  readonly at: (url: URL) => string | undefined;
  /** Adds a server, by default where a gateway has it, and returns its URL. */
  readonly add: (server: string, url?: string | URL) => URL;
}

export function serversOf(audience: string): McpServers {
  const added = new Map<string, string>();
  return {
    at: (url) => added.get(url.pathname) ?? serverIn(audience, url),
    add(server, url = `${audience}/mcp/${server}`) {
      const target = new URL(url);
      added.set(target.pathname, server);
      return target;
    },
  };
}

/** The name of the gateway's MCP server at a URL. */
function serverIn(audience: string, url: URL): string | undefined {
  const base = new URL(audience).pathname.replace(/\/$/, '');
  if (!url.pathname.startsWith(`${base}/mcp/`)) return undefined;
  return /^[a-z0-9-]{1,32}(?=\/|$)/.exec(url.pathname.slice(base.length + '/mcp/'.length))?.[0];
}
