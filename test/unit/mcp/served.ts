import { type McpHandlerOptions, type McpOptions, protectMcp } from '../../../src/mcp/index.ts';
import { API, protectedApi } from '../fixtures/protected-api.ts';

/** A protected handler without a server behind it, and what reached it. */

export const search = {
  action: 'read',
  tier: 1,
  dataset: ({ region }: { readonly region?: unknown }) => `crm/contacts/${region}`,
} as const;
export const OPTIONS: McpOptions = { server: 'crm', tools: { search } };
export const GRANTS = [
  { tool: 'mcp/crm/search', action: 'read', dataset: 'crm/contacts/eu' },
] as const;

interface JsonRpcAnswer {
  readonly error?: { readonly data: { readonly code: string } };
  readonly result?: { readonly _meta?: { readonly 'hewn.dev/denial': { readonly code: string } } };
}

/** What the caller learns: an HTTP status, and the code of a denial. */
interface Answer {
  readonly status: number;
  readonly code: unknown;
  readonly headers: Headers;
}

export async function served(options: McpOptions = OPTIONS) {
  const api = await protectedApi();
  const mcp = protectMcp(api.protection, options);
  const handled: McpHandlerOptions[] = [];
  const handler = mcp.fetch(async (_request, given) => {
    handled.push(given);
    return Response.json({ jsonrpc: '2.0', id: 1, result: {} });
  });
  const token = await api.mint({ grants: GRANTS, workflow: 'wf_eu' });
  const bearer: Record<string, string> = { authorization: `Bearer ${token}` };
  const send = async (body: unknown, given: RequestInit = {}): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', ...bearer, ...given.headers };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method: 'POST', body: text, ...given, headers };
    const response = await handler(new Request(`${API}/mcp`, init));
    const { error, result } = (await response.json().catch(() => ({}))) as JsonRpcAnswer;
    const code = (error?.data ?? result?._meta?.['hewn.dev/denial'])?.code;
    return { status: response.status, code, headers: response.headers };
  };
  return { ...api, mcp, handler, handled, token, bearer, send };
}

export const rpc = (method: string, params?: unknown, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params !== undefined && { params }),
});
export const call = (region: unknown = 'eu') =>
  rpc('tools/call', { name: 'search', arguments: { region } });
