import {
  Client as Client2,
  StreamableHTTPClientTransport as Transport2,
} from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface CallResult {
  readonly isError?: boolean | undefined;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly _meta?: Readonly<Record<string, unknown>> | undefined;
}

/** What the tests need of a client, whatever its SDK. */
export interface TestClient {
  listTools(): Promise<readonly string[]>;
  call(name: string, args: Record<string, unknown>): Promise<CallResult>;
  readResource(uri: string): Promise<unknown>;
  listPrompts(): Promise<unknown>;
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

export type Connect = (url: string, headers: Record<string, string>) => Promise<TestClient>;

const INFO = { name: 'agent', version: '1.0.0' };

export const CLIENTS: Readonly<Record<string, Connect>> = {
  'client of SDK 1': async (url, headers) => {
    const client = new Client1(INFO);
    const transport = new Transport1(new URL(url), { requestInit: { headers } });
    await client.connect(transport as never);
    return testClient(client as never);
  },
  'client of SDK 2': async (url, headers) => {
    const client = new Client2(INFO);
    await client.connect(new Transport2(new URL(url), { requestInit: { headers } }));
    return testClient(client as never);
  },
};

interface AnyClient {
  listTools(): Promise<{ tools: readonly { name: string }[] }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<CallResult>;
  readResource(params: { uri: string }): Promise<unknown>;
  listPrompts(): Promise<unknown>;
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

const testClient = (client: AnyClient): TestClient => ({
  listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
  call: (name, args) => client.callTool({ name, arguments: args }),
  readResource: (uri) => client.readResource({ uri }),
  listPrompts: () => client.listPrompts(),
  ping: () => client.ping(),
  close: () => client.close(),
});
