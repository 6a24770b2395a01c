/**
 * The report agent: clients of the official MCP SDK that send each call with its own token.
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
import { signProof } from '../../src/dpop/index.ts';

export type Answer =
  | { readonly verdict: 'allowed'; readonly text: string }
  | { readonly verdict: 'denied'; readonly code: string; readonly why: string };

export interface ReportAgent {
  /** The tools that the file server shows it. */
  readonly tools: () => Promise<readonly string[]>;
  /**
   * With `token`, sends that token unchanged, with a proof by the agent's key, instead of narrowing
   * its own.
   */
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
  readonly mailUrl: string;
  readonly capability: Capability;
  readonly catalogue: Catalogue;
}): Promise<ReportAgent> {
  const { mcpUrl, mailUrl, capability, catalogue } = options;
  let instead: string | undefined;
  let calls = 0;
  const connected = async (server: string, url: string): Promise<Client> => {
    const narrowing = narrowingFetch({ capability, catalogue, server });
    const client = new Client(
      { name: 'report-agent', version: '0.1.0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    const send: typeof fetch = async (input, init) =>
      instead === undefined
        ? narrowing(input, init)
        : fetch(await withToken(new Request(input, init), instead, capability));
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: send }));
    return client;
  };
  const files = await connected('files', mcpUrl);
  const mail = await connected('mail', mailUrl);
  return {
    tools: async () => (await files.listTools()).tools.map(({ name }) => name),
    call: async (tool, args, token) => {
      calls += 1;
      const client = catalogue.has(`mcp/mail/${tool}`) ? mail : files;
      instead = token;
      try {
        const result = await client.callTool({ name: tool, arguments: { ...args } });
        return denialIn({ result }) ?? { verdict: 'allowed', text: textOf(result.content) };
      } catch (error) {
        return denialThrown(error);
      } finally {
        instead = undefined;
      }
    },
    calls: () => calls,
    close: async () => {
      await files.close();
      await mail.close();
    },
  };
}

async function withToken(
  request: Request,
  token: string,
  { holder }: Capability,
): Promise<Request> {
  if (!holder) throw new Error('the capability of the walk-through is bound to a key');
  const { method, url } = request;
  const headers = new Headers(request.headers);
  headers.set('authorization', `DPoP ${token}`);
  headers.set('dpop', await signProof(holder, { method, url, now: Date.now(), token }));
  return new Request(request, { headers });
}

const textOf = (content: readonly { readonly type: string }[]): string =>
  content.map((part) => ('text' in part ? String(part.text) : `(${part.type})`)).join('\n');

/** Of a call, the denial is in its result; of a token that is refused, it is an error. */
const denial = v.union([
  v.pipe(
    v.object({
      result: v.object({
        _meta: v.object({ 'hewn.dev/denial': v.object({ code: v.string(), message: v.string() }) }),
      }),
    }),
    v.transform(({ result }) => result._meta['hewn.dev/denial']),
  ),
  v.pipe(
    v.object({ error: v.object({ message: v.string(), data: v.object({ code: v.string() }) }) }),
    v.transform(({ error }) => ({ code: error.data.code, message: error.message })),
  ),
]);

/** Returns the gateway's denial from an error of the SDK, and rethrows anything else. */
function denialThrown(error: unknown): Answer {
  const answer = denialIn(bodyOf(error));
  if (!answer) throw error;
  return answer;
}

/** Returns the denial in a response of the gateway, or undefined if it is not one. */
export function denialIn(body: unknown): Extract<Answer, { verdict: 'denied' }> | undefined {
  const parsed = v.safeParse(denial, body);
  if (!parsed.success) return undefined;
  const { message, code } = parsed.output;
  return { verdict: 'denied', code, why: `${message} (${code})` };
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
