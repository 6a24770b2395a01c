/**
 * The report agent: a client of the official MCP SDK whose every call goes out with its own token.
 */
import {
  Client,
  ProtocolError,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import * as v from 'valibot';
import { type Capability, narrowingFetch } from '../../src/agent/index.ts';
import type { Catalogue } from '../../src/catalogue/index.ts';

export type Answer =
  | { readonly verdict: 'allowed'; readonly text: string }
  | { readonly verdict: 'denied'; readonly code: string; readonly why: string };

export interface ReportAgent {
  readonly tools: () => Promise<readonly string[]>;
  /** With `token`, sends that one as it is, where the agent would have narrowed its own. */
  readonly call: (
    tool: string,
    args: Readonly<Record<string, unknown>>,
    token?: string,
  ) => Promise<Answer>;
  /** How many calls it has made. */
  readonly calls: () => number;
  readonly close: () => Promise<void>;
}

export async function startReportAgent(options: {
  readonly mcpUrl: string;
  readonly mcpServer: string;
  readonly capability: Capability;
  readonly catalogue: Catalogue;
}): Promise<ReportAgent> {
  const { mcpUrl, mcpServer: server, capability, catalogue } = options;
  const narrowing = narrowingFetch({ capability, catalogue, server });
  let instead: string | undefined;
  let calls = 0;
  const client = new Client(
    { name: 'report-agent', version: '0.1.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const send: typeof fetch = (input, init) =>
    instead === undefined ? narrowing(input, init) : fetch(input, withToken(init, instead));
  await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), { fetch: send }));
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (tool, args, token) => {
      calls += 1;
      instead = token;
      try {
        const { content } = await client.callTool({ name: tool, arguments: { ...args } });
        return { verdict: 'allowed', text: textOf(content) };
      } catch (error) {
        return denialIn(error);
      } finally {
        instead = undefined;
      }
    },
    calls: () => calls,
    close: () => client.close(),
  };
}

function withToken(init: RequestInit | undefined, token: string): RequestInit {
  const headers = new Headers(init?.headers);
  headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}

const textOf = (content: readonly { readonly type: string }[]): string =>
  content.map((part) => ('text' in part ? String(part.text) : `(${part.type})`)).join('\n');

const denial = v.object({
  error: v.object({ message: v.string(), data: v.object({ code: v.string() }) }),
});

/** The gateway's own refusal, as the SDK hands it over; anything else is a fault and is thrown. */
function denialIn(error: unknown): Answer {
  const said = v.safeParse(denial, bodyOf(error));
  if (!said.success) throw error;
  const { message, data } = said.output.error;
  return { verdict: 'denied', code: data.code, why: `${message} (${data.code})` };
}

function bodyOf(error: unknown): unknown {
  if (error instanceof ProtocolError) return { error };
  if (!(error instanceof SdkHttpError)) return undefined;
  try {
    return JSON.parse(String(error.data.text));
  } catch {
    return undefined;
  }
}
