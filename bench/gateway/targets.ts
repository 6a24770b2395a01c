/** One place that the bench sends calls to, and the process that pays for them. */
export interface Target {
  readonly name: string;
  /** Of the process: CPU time so far, in microseconds, and resident memory in MiB. */
  readonly pid: number;
  readonly calls: readonly Call[];
}

/** A call that the bench repeats. */
export interface Call {
  /** Unique in the bench. */
  readonly name: string;
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Returns proofs for so many calls, each of which is good for one. */
  readonly proofs?: (count: number) => Promise<readonly string[]>;
  /** Part of an answer that says that the call was made. */
  readonly expects: string;
  /** The name of the call through the plain Worker that this one is compared with. */
  readonly floor: string;
}

const JSON_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
} as const;

/** What every answer of the upstream has, in each protocol. */
const ANSWERS = { mcp: 'a short answer', http: '"sku":"A-1"' } as const;

export type Protocol = keyof typeof ANSWERS;

/** Returns a call of the tool over MCP. `url` is the server's endpoint. */
export const mcpCall = (
  url: string,
  tool: string,
  more: Pick<Call, 'name' | 'floor'> & Partial<Call>,
): Call => ({
  url,
  method: 'POST',
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: tool, arguments: { path: 'orders/o-1' } },
  }),
  expects: ANSWERS.mcp,
  ...more,
  headers: { ...JSON_HEADERS, ...more.headers },
});

/** Returns a GET of one order of the HTTP API below `url`. */
export const httpCall = (
  url: string,
  more: Pick<Call, 'name' | 'floor'> & Partial<Call>,
): Call => ({
  url: `${url}/orders/o-1`,
  method: 'GET',
  expects: ANSWERS.http,
  ...more,
  headers: { accept: 'application/json', ...more.headers },
});

export const FLOORS = {
  mcp: 'plain Worker: MCP',
  http: 'plain Worker: HTTP',
} as const satisfies Readonly<Record<Protocol, string>>;
