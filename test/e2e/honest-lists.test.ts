import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grant } from '../../src/capability/index.ts';
import { narrow } from '../../src/capability/index.ts';
import { call, obtain, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** What an agent is shown of the tools behind the gateway. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ gatewayVars: { DENIAL_FORM: 'result' } });
});
afterAll(() => stage.close());

interface Listed {
  readonly name: string;
  readonly inputSchema: {
    readonly properties: Readonly<Record<string, object>>;
    readonly required?: readonly string[];
    readonly additionalProperties?: unknown;
  };
}

const GRANTS: readonly Grant[] = [
  { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
  {
    tool: 'mcp/files/write_file',
    action: 'write',
    dataset: 'files/summaries',
    constraints: {
      arguments: ['path', 'content'],
      constraints: {
        '/path': { exact: 'summaries/churn.md' },
        '/content': { length: { max: 200 } },
      },
    },
  },
];

async function list(token: string): Promise<readonly Listed[]> {
  const { body } = await send(stage, token, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const { tools = [] } = (body?.result ?? {}) as { readonly tools?: readonly Listed[] };
  return tools;
}

test('the list shows only usable tools, with the arguments that the token allows', async () => {
  const { token } = await obtain(stage, GRANTS);
  const tools = await list(token);
  expect(tools.map(({ name }) => name).sort()).toEqual(['read_text_file', 'write_file']);
  const [read, write] = ['read_text_file', 'write_file'].map((name) =>
    tools.find((tool) => tool.name === name),
  );
  expect(read?.inputSchema.properties.path).toMatchObject({ pattern: '^(?:reports)(?:/|$)' });
  expect(write?.inputSchema).toMatchObject({
    properties: {
      path: { const: 'summaries/churn.md' },
      content: { maxLength: 200 },
    },
    required: ['path', 'content'],
    additionalProperties: false,
  });
});

test('a narrowed token shows what its caveats leave', async () => {
  const { token } = await obtain(stage, GRANTS);
  const narrowed = await narrow(token, { dataset: 'files/reports/q3.md', action: 'read' });
  if (!narrowed.ok) throw new Error(narrowed.error.code);
  const tools = await list(narrowed.value);
  expect(tools.map(({ name }) => name)).toEqual(['read_text_file']);
  expect(tools[0]?.inputSchema.properties.path).toMatchObject({
    allOf: [{ pattern: '^(?:reports/q3\\.md)(?:/|$)' }],
  });
});

test('a denied call says in words what the token requires of each argument', async () => {
  const { token } = await obtain(stage, GRANTS);
  const args = { path: 'summaries/churn.md', content: 'x'.repeat(300) };
  const { text, body } = await send(stage, token, call('write_file', args));
  expect(body).toMatchObject({
    result: {
      isError: true,
      _meta: {
        'hewn.dev/denial': { code: 'constraint_failed', pointer: '/content', by: 'policy' },
      },
    },
  });
  expect(text).toContain('- /content must have at most 200 characters');
  expect(text).toContain('- /path must be \\"summaries/churn.md\\"');
});
